/**
 * Git over TCP (`git://`), by repository owner: `/alice/site.git` goes to Alice's server.
 *
 *   es-proxy tcp -c examples/git-by-owner.ts -p 9418
 *   git clone git://localhost/alice/site.git
 *
 * OWNERS names the servers: `alice=127.0.0.1:9419,bob=127.0.0.1:9420`.
 */
import { gitRequest } from "es-proxy";
import type { Route } from "es-proxy";

const owners = new Map(
  (process.env["OWNERS"] ?? "").split(",").map((pair) => pair.split("=") as [string, string]),
);

const route: Route = (data) => {
  const request = gitRequest(data);
  if (request === undefined) return { noop: true };
  if (request === null) return { close: true };
  const [, owner = ""] = request.path.split("/");
  const remote = owners.get(owner);
  if (remote === undefined) return { close: packetLine(`ERR no such owner: ${owner}\n`) };
  return { remote, connectTimeoutMs: 1000 };
};

export default route;

export function onConnectError(remote: string, error: Error): void {
  console.error(`${remote} does not answer: ${error.message}`);
}

/** Git shows the text of an `ERR` packet to its user. */
function packetLine(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}
