import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import test from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { respond } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { waitFor } from "../support/wait-for.ts";

test("with audit.body.store false large bodies pass whole, and their records have size and SHA-256 only", async () => {
  await using proxied = await startProxiedOrigin({
    config: (port, folder) => `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:${port}"]}}
audit: {directory: ${folder}/audit, body: {inline: 1KiB, store: false}}
`,
  });
  const upload = Buffer.alloc(300_000, '{"index":{}}\n{"a":1}\n');
  const download = Buffer.alloc(200_000, '{"took":1}');
  proxied.when("/_bulk", respond({ body: download }));
  using client = await proxied.client();
  client.send(
    `POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${upload.length}\r\n\r\n`,
    "POST",
  );
  client.send(upload);
  const answer = await client.response();
  assert.deepEqual(answer.body, download);
  assert.deepEqual(proxied.origin.requestsFor("/_bulk")[0]?.body, upload);
  const records = await waitFor("both records", async () => {
    const lines = await proxied.audit("/_bulk");
    return lines.length === 2 ? lines.map(({ record }) => record) : undefined;
  });
  const facts = (body: Buffer) => ({
    sha256: createHash("sha256").update(body).digest("hex"),
    stored: false,
    complete: true,
  });
  const [request = {}, response = {}] = records;
  assert.deepEqual(fieldAt(request, "es_proxy.request_body"), { streamed: true });
  assert.deepEqual(fieldAt(response, "es_proxy.request_body"), facts(upload));
  assert.deepEqual(fieldAt(response, "es_proxy.response_body"), facts(download));
  assert.equal(fieldAt(response, "http.request.body.bytes"), upload.length);
  assert.equal(fieldAt(response, "http.response.body.bytes"), download.length);
  const files = await readdir(proxied.folder.file("audit"));
  assert.deepEqual(
    files.filter((name) => name.endsWith(".pack")),
    [],
  );
});
