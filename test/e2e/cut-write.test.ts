import assert from "node:assert/strict";
import test, { after } from "node:test";
import { Client } from "@elastic/elasticsearch";
import { fieldAt } from "../support/audit-reader.ts";
import { cutAfter, drip, responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";

const pair = await startProxiedOrigin();
after(() => pair[Symbol.asyncDispose]());

const items = JSON.stringify({
  took: 1,
  errors: false,
  items: Array.from({ length: 40 }, (_, n) => ({ index: { _id: String(n), status: 201 } })),
});
const answer = responseBytes({
  body: items,
  fields: [
    ["X-elastic-product", "Elasticsearch"],
    ["Content-Type", "application/vnd.elasticsearch+json;compatible-with=9"],
  ],
});
const headLength = answer.indexOf("\r\n\r\n") + 4;

for (const end of ["fin", "reset"] as const) {
  test(`a bulk whose answer is cut in its body (${end}) is answered with 500, and the official client sends it once`, async () => {
    const target = `/cut-${end}/_bulk`;
    pair.when(target, cutAfter(answer, headLength + 100, end));
    const client = new Client({ node: `http://${pair.proxy.host}:${pair.proxy.port}` });
    const call = client.bulk({ index: `cut-${end}`, operations: [{ index: {} }, { a: 1 }] });
    await assert.rejects(
      call,
      (error: { statusCode?: number; body?: { error?: { type?: string } } }) => {
        assert.equal(error.statusCode, 500);
        assert.equal(error.body?.error?.type, "es_proxy_outcome_unknown");
        return true;
      },
    );
    await client.close();
    assert.equal(pair.origin.requestsFor(target).length, 1);
    const [request, response, ...more] = await pair.audit(target);
    assert.equal(more.length, 0);
    assert.equal(fieldAt(request?.record ?? {}, "es_proxy.record"), "request");
    assert.equal(fieldAt(response?.record ?? {}, "http.response.status_code"), 500);
    assert.match(
      String(fieldAt(response?.record ?? {}, "http.response.body.content")),
      /outcome_unknown/,
    );
  });
}

test("a bulk's answer that comes byte by byte arrives whole and unchanged", async () => {
  const target = "/slow/_bulk";
  pair.when(target, drip(answer, 64, 2));
  using client = await pair.client();
  client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}`, "POST");
  assert.equal((await client.response()).body.toString(), items);
});

test("a search's answer that is cut stays visibly cut: the client may repeat a read", async () => {
  const target = "/cut/_search";
  pair.when(target, cutAfter(answer, headLength + 100, "fin"));
  using client = await pair.client();
  client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
  await client.closed();
  assert.deepEqual(
    client.finals.map(({ complete }) => complete),
    [false],
  );
});
