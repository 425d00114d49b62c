/**
 * PostgreSQL by database.
 *
 *   es-proxy tcp -c examples/postgres-by-database.ts
 *   psql -h localhost shop
 *
 * DATABASES says where to: `shop=127.0.0.1:5433,crm=127.0.0.1:5434`. Clients that ask for
 * encryption are told that there is none (psql then goes on in clear text, unless it was told to
 * insist); to encrypt, put a listener that terminates TLS in front.
 */
import { postgresStartup } from "es-proxy";
import type { Route } from "es-proxy";

const databases = new Map(
  (process.env["DATABASES"] ?? "").split(",").map((pair) => pair.split("=") as [string, string]),
);

const route: Route = (data) => {
  const startup = postgresStartup(data);
  if (startup === undefined) return { noop: true };
  if (startup === null) return { close: true };
  switch (startup.kind) {
    case "ssl-request":
    case "gss-request":
      return { noop: true, reply: "N" };
    case "cancel":
      // It names no database: the server that runs the query cannot be known from it.
      return { close: true };
    case "startup": {
      const remote = databases.get(startup.database);
      if (remote === undefined)
        return {
          close: errorResponse("3D000", `database "${startup.database}" is not known here`),
        };
      return { remote, data: data.subarray(startup.offset) };
    }
  }
};

export default route;

/** An ErrorResponse message: psql shows it as the server's own. */
function errorResponse(code: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
  const message = Buffer.alloc(5 + fields.length);
  message.write("E");
  message.writeUInt32BE(4 + fields.length, 1);
  message.set(fields, 5);
  return message;
}
