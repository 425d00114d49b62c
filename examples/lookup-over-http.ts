/**
 * Where to is asked over HTTP, for each connection: an asynchronous router.
 *
 *   LOOKUP=http://127.0.0.1:8080/where/ es-proxy tcp -c examples/lookup-over-http.ts -p 7000
 *
 * The first line of the connection is the key: `GET /where/<key>` answers `host:port`, or 404.
 */
import { request } from "undici";
import type { Route } from "es-proxy";

const service = process.env["LOOKUP"] ?? "http://127.0.0.1:8080/where/";

const route: Route = async (data, connection) => {
  const end = data.indexOf("\n");
  if (end < 0)
    return data.length > 256 ? { close: "the first line is too long\n" } : { noop: true };
  const key = data.toString("utf8", 0, end).trim();
  // The signal ends the request when the client leaves or the preread timeout has passed.
  const { statusCode, body } = await request(new URL(encodeURIComponent(key), service), {
    signal: connection.signal,
  });
  const text = (await body.text()).trim();
  if (statusCode !== 200) return { close: `nothing is known of ${key}\n` };
  return { remote: text, data: data.subarray(end + 1) };
};

export default route;
