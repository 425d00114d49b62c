import { refusedPort } from "../../test/support/ports.ts";
import type { ConfigParts } from "../fixture.ts";

/**
 * Short deadlines, so that what must run into one takes a second. Bodies above 1 KiB go to the body
 * store.
 */
export function httpConfig({ origin, folder, cert, key }: ConfigParts): string {
  const routes = `
      - {path: /tunnel, pool: origin, upgrade: [websocket]}
      - {path: /refused, pool: refused}
      - {path: /, pool: origin}`;
  const timeouts = "{header: 500ms, body_idle: 500ms, keep_alive: 5s, write: 500ms}";
  return `
listeners:
  - name: http
    bind: 127.0.0.1:0
    timeouts: ${timeouts}
    routes:${routes}
  - name: tls
    bind: 127.0.0.1:0
    tls: {cert: ${JSON.stringify(cert)}, key: ${JSON.stringify(key)}}
    timeouts: ${timeouts}
    routes:${routes}
pools:
  origin:
    endpoints: ["http://127.0.0.1:${origin}"]
    timeouts: {response: 500ms, body_idle: 500ms}
  refused:
    endpoints: ["http://127.0.0.1:${refusedPort}"]
    retry: {attempts: 2, backoff: 1ms}
audit: {directory: ${JSON.stringify(`${folder}/audit`)}, format: ecs, body: {inline: 1KiB}}
`;
}
