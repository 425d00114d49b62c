import assert from "node:assert/strict";
import test, { after } from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { waitFor } from "../support/wait-for.ts";

const pair = await startProxiedOrigin();
after(() => pair[Symbol.asyncDispose]());

/** Chunks of these sizes over and over; the text has no two equal parts near each other. */
function chunks(sizes: readonly number[], count: number): { text: string; wire: Buffer } {
  let text = "";
  let wire = "";
  for (let at = 0; at < count; at += 1) {
    const size = sizes[at % sizes.length] ?? 1;
    const part = `${at.toString(36)}_`.padEnd(size, "abcdefghij").slice(0, size);
    text += part;
    wire += `${size.toString(16)}\r\n${part}\r\n`;
  }
  return { text, wire: Buffer.from(`${wire}0\r\n\r\n`) };
}

for (const [name, sizes, count] of [
  ["bytes", [1], 900],
  ["a few bytes", [1, 2, 31, 3], 200],
  ["short ones around the bound", [31, 32, 33, 63, 64, 65], 60],
  ["short ones beside long ones", [1, 3000, 2, 5, 1], 10],
] as const)
  test(`what came in chunks of ${name} is on record without them`, async () => {
    const target = `/chunked/_doc/${name.replaceAll(" ", "-")}`;
    const sent = chunks(sizes, count);
    const answered = chunks([...sizes, 1], count);
    const head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    pair.when(target, ({ connection }) =>
      connection.write(Buffer.concat([Buffer.from(head), answered.wire])),
    );
    using client = await pair.client();
    const request = `POST ${target} HTTP/1.1\r\nHost: es\r\nTransfer-Encoding: chunked\r\n\r\n`;
    client.send(Buffer.concat([Buffer.from(request), sent.wire]), "POST");
    assert.equal((await client.response()).body.toString(), answered.text);
    const lines = await waitFor("both records", async () => {
      const found = await pair.audit(target);
      return found.length < 2 ? undefined : found;
    });
    const recorded = (side: string): unknown =>
      lines
        .map(({ record }) => fieldAt(record, `http.${side}.body.content`))
        .find((found) => found !== undefined);
    assert.equal(recorded("request"), sent.text);
    assert.equal(recorded("response"), answered.text);
  });
