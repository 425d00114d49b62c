/**
 * A SOCKS 4 and 4a proxy that connects only to what its allow-list holds.
 *
 *   es-proxy tcp -c examples/socks4-allow-list.ts -h 127.0.0.1 -p 1080
 *   curl --socks4a 127.0.0.1:1080 http://intranet.example/
 *
 * The list is compared with the address that a name resolves to, so that no spelling and no DNS
 * answer goes around it. ALLOW replaces it: `10.0.0.0/8:80,10.0.0.0/8:8000-8999`.
 */
import { socks4 } from "es-proxy";
import type { AllowedRemote, Route } from "es-proxy";

export const allow: readonly AllowedRemote[] = (
  process.env["ALLOW"] ?? "192.168.0.0/16:443,10.0.0.0/8:443"
)
  .split(",")
  .map((entry) => {
    const colon = entry.lastIndexOf(":");
    return { cidr: entry.slice(0, colon), ports: [entry.slice(colon + 1)] };
  });

const granted = Buffer.from([0, 90, 0, 0, 0, 0, 0, 0]);
const rejected = Buffer.from([0, 91, 0, 0, 0, 0, 0, 0]);

const route: Route = (data) => {
  const request = socks4(data);
  if (request === undefined) return { noop: true };
  if (request === null) return { close: true };
  if (request.command !== "connect") return { close: rejected };
  // What follows the request is already meant for the server.
  return { remote: request.remote, reply: granted, data: data.subarray(request.length) };
};

export default route;
