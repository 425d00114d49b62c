/**
 * TLS by server name (SNI), without decrypting anything.
 *
 *   es-proxy tcp -c examples/tls-server-name.ts -p 443
 *
 * NAMES says where to: `a.example=127.0.0.1:8443,*.b.example=127.0.0.1:9443`.
 */
import { tlsServerName } from "es-proxy";
import type { Route } from "es-proxy";

const names = new Map(
  (process.env["NAMES"] ?? "").split(",").map((pair) => pair.split("=") as [string, string]),
);
/** RFC 8446 §6: a fatal alert, unrecognized_name. */
const unknownName = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

const route: Route = (data) => {
  const name = tlsServerName(data);
  if (name === undefined) return { noop: true };
  if (name === null) return { close: true };
  const remote = names.get(name) ?? names.get(name.replace(/^[^.]+/, "*"));
  return remote === undefined ? { close: unknownName } : { remote };
};

export default route;
