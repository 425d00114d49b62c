import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import test from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { respond } from "../support/origin-scripts.ts";
import { startProxiedOrigin, type ProxiedOrigin } from "../support/proxied-origin.ts";
import { waitFor } from "../support/wait-for.ts";

/** No file of the proxy may have more than 1 MiB, so a body of ten cannot be kept. */
function startLimited(policy: string): Promise<ProxiedOrigin> {
  return startProxiedOrigin({
    child: { maxFileBlocks: 2048 },
    config: (port, folder) => `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${port}"]}}
audit: {directory: ${folder}/audit, ${policy}}
`,
  });
}

async function responseRecord(
  proxied: ProxiedOrigin,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  return waitFor("the response record", async () => {
    const lines = await proxied.audit(path);
    return lines.find(({ record }) => fieldAt(record, "es_proxy.record") === "response")?.record;
  });
}

// Bytes of no meaning, the same in each run.
const large = Buffer.from(
  new Uint32Array(2_621_440).map((_, at) => Math.imul(at, 2_654_435_761)).buffer,
);

for (const framing of ["length", "chunked"] as const)
  test(`an upload that cannot be kept is cut with 502 where the policy is reject (${framing})`, async () => {
    await using proxied = await startLimited("on_failure: reject");
    using client = await proxied.client();
    const field =
      framing === "length" ? `Content-Length: ${large.length}` : "Transfer-Encoding: chunked";
    client.send(`POST /a/_bulk HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n`, "POST");
    // Little beyond the limit, so that the answer is not lost in a reset.
    for (let at = 0; at < 17 * 65_536; at += 65_536) {
      if (framing === "chunked") client.send("10000\r\n");
      client.send(large.subarray(at, at + 65_536));
      if (framing === "chunked") client.send("\r\n");
    }
    const answer = await client.response();
    assert.equal(answer.head.status, 502);
    assert.match(answer.body.toString(), /"type":"es_proxy_audit_body"/);
    await client.closed();
    const arrived = proxied.origin.requestsFor("/a/_bulk");
    assert.ok(
      arrived.every(({ complete }) => !complete),
      "the endpoint has no whole request",
    );
    const record = await responseRecord(proxied, "/a/_bulk");
    assert.equal(fieldAt(record, "es_proxy.outcome"), "rejected");
    assert.equal(fieldAt(record, "error.code"), "ESP_ERR_AUDIT_BODY");
    assert.equal(fieldAt(record, "es_proxy.request_body.stored"), false);
    assert.equal(fieldAt(record, "es_proxy.request_body.complete"), false);
    assert.equal(fieldAt(record, "http.response.status_code"), 502);
  });

test("an answer that cannot be kept is cut visibly where the policy is reject", async () => {
  await using proxied = await startLimited("on_failure: reject");
  proxied.when("/a/_search", respond({ body: large }));
  using client = await proxied.client();
  client.send("GET /a/_search HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  await client.closed();
  assert.deepEqual(
    client.finals.map(({ complete }) => complete),
    [false],
  );
  const record = await responseRecord(proxied, "/a/_search");
  assert.equal(fieldAt(record, "es_proxy.outcome"), "rejected");
  assert.equal(fieldAt(record, "error.code"), "ESP_ERR_AUDIT_BODY");
  assert.equal(fieldAt(record, "es_proxy.response_body.stored"), false);
});

for (const policy of ["on_failure: reject, bodies: best_effort", "on_failure: continue"])
  test(`with ${policy} such bodies pass whole, and their records say that they are not stored`, async () => {
    await using proxied = await startLimited(policy);
    proxied.when("/a/_bulk", respond({ body: large }));
    using client = await proxied.client();
    client.send(
      `POST /a/_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\n\r\n`,
      "POST",
    );
    client.send(large);
    const answer = await client.response(1, 20_000);
    assert.equal(answer.head.status, 200);
    assert.ok(answer.body.equals(large));
    const record = await responseRecord(proxied, "/a/_bulk");
    const facts = {
      sha256: createHash("sha256").update(large).digest("hex"),
      stored: false,
      complete: true,
    };
    assert.deepEqual(fieldAt(record, "es_proxy.request_body"), facts);
    assert.deepEqual(fieldAt(record, "es_proxy.response_body"), facts);
    assert.equal(fieldAt(record, "es_proxy.outcome"), "completed");
  });

test("a body that is at hand whole and cannot be kept is refused with 503 before anything is sent", async () => {
  await using proxied = await startLimited("on_failure: reject");
  using client = await proxied.client();
  const head = Buffer.from("POST /a/_doc HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n");
  let refused = 0;
  for (let at = 0; at < 40; at += 1) {
    client.send(Buffer.concat([head, randomBytes(40_000)]), "POST");
    const { status } = (await client.response(at + 1)).head;
    if (status === 503) refused += 1;
    else assert.equal(status, 200);
  }
  assert.ok(refused > 0, "the pack has reached its limit");
  assert.equal(proxied.origin.requestsFor("/a/_doc").length, 40 - refused);
});
