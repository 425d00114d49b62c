import assert from "node:assert/strict";
import test, { after } from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /small, pool: small}, {path: /, pool: es}]
pools:
  es: {endpoints: ["http://127.0.0.1:${port}"], outlier: {failures: 1}}
  small: {endpoints: ["http://127.0.0.1:${port}"], limits: {response_body: 1KiB}}
audit: {directory: ${folder}/audit}
`,
});
after(() => pair[Symbol.asyncDispose]());

const warning = (index: number): string =>
  `Warning: 299 Elasticsearch-9.5.1 "index ${index} is deprecated"\r\n`;

/** A response with so many field lines, `Content-Length` among them. */
function response(lines: number, valueBytes: number): string {
  const long = valueBytes === 0 ? "" : `X-Long: ${"v".repeat(valueBytes)}\r\n`;
  const others = lines - 1 - (valueBytes === 0 ? 0 : 1);
  const warnings = Array.from({ length: others }, (_, index) => warning(index)).join("");
  return `HTTP/1.1 201 Created\r\n${warnings}${long}Content-Length: 2\r\n\r\n{}`;
}

async function put(target: string): Promise<{ status: number; body: string; lines: number }> {
  using client = await pair.client();
  client.send(`PUT ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`, "PUT");
  const { head, body } = await client.response(1, 20_000);
  return { status: head.status, body: body.toString(), lines: head.fields.length };
}

testVariants<{ lines: number; valueBytes: number }>(
  "passes a long head on whole, whatever came before it",
  {
    "4,000 fields": { lines: 4000, valueBytes: 0 },
    "1,001 fields": { lines: 1001, valueBytes: 0 },
    "250 KiB": { lines: 10, valueBytes: 250 * 1024 },
    "66 KiB": { lines: 10, valueBytes: 66 * 1024 },
  },
  async ({ lines, valueBytes }) => {
    const target = `/logs/_doc/${lines}-${valueBytes}`;
    pair.when(target, ({ connection }) => connection.write(response(lines, valueBytes)));
    // Twice, and with a short one between: parsers are used again.
    for (const path of [target, "/logs/_doc/1", target]) {
      const answer = await put(path);
      if (path === target) assert.deepEqual(answer, { status: 201, body: "{}", lines });
      else assert.equal(answer.status, 200);
    }
  },
);

testVariants<{ target: string; answer: string }>(
  "tells the status of a write whose answer is too large to be passed on, and blames no endpoint",
  {
    "4,001 fields": {
      target: "/logs/_doc/fields",
      answer: response(4001, 0),
    },
    "257 KiB": {
      target: "/logs/_doc/bytes",
      answer: response(10, 257 * 1024),
    },
    "a long body": {
      target: "/small/_doc/body",
      answer: `HTTP/1.1 201 Created\r\nContent-Length: 2000\r\n\r\n${" ".repeat(2000)}`,
    },
  },
  async ({ target, answer }) => {
    pair.when(target, ({ connection }) => connection.write(answer));
    const { status, body } = await put(target);
    assert.equal(status, 500);
    const { error } = JSON.parse(body) as { error: Record<string, unknown> };
    assert.equal(error["type"], "es_proxy_answer_withheld");
    assert.equal(error["upstream_status"], 201);
    assert.equal(pair.origin.requestsFor(target).length, 1);
    const [, record] = await waitFor("both records", async () => {
      const lines = await pair.audit(target);
      return lines.length === 2 && lines;
    });
    assert.equal(fieldAt(record?.record ?? {}, "es_proxy.outcome"), "upstream_failed");
    assert.equal((await put("/logs/_doc/1")).status, 200, "its only endpoint is not ejected");
  },
);

test("a read with too large a head is not repeated either", async () => {
  pair.when("/logs/_search", ({ connection }) => connection.write(response(4001, 0)));
  using client = await pair.client();
  client.send("GET /logs/_search HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  const answer = await client.response();
  assert.equal(answer.head.status, 502);
  assert.match(answer.body.toString(), /"es_proxy_upstream_head_too_large".*"upstream_status":201/);
  assert.equal(pair.origin.requestsFor("/logs/_search").length, 1);
});
