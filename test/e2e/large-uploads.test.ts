import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import test from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { type ProxiedOrigin, startProxiedOrigin } from "../support/proxied-origin.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { connectRaw } from "../support/raw-client.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

// Around the sizes of a read and of what counts as large; the last is more than the sockets hold,
// so that writes have to wait.
const sizes = [16_300, 16_384, 40_000, 65_300, 65_536, 70_000, 200_000, 12_000_000];
const heads = {
  unchanged: "",
  shorter: "Connection: keep-alive\r\n",
  "cut in two": "Connection: x-hop\r\nX-Hop: 1\r\nX-Stays: 2\r\n",
};

/** Different bytes everywhere, so that a piece in the wrong place shows. */
function content(bytes: number, seed: number): Buffer {
  const out = Buffer.alloc(bytes);
  for (let at = 0, x = seed; at < bytes; at += 1) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    out[at] = x >>> 24;
  }
  return out;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function post(target: string, lines: string, body: Buffer): Buffer {
  const head = `POST ${target} HTTP/1.1\r\nHost: x\r\n${lines}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Each large request comes in one write between two small ones; several connections send at the
 * same time.
 */
async function assertForwarded(pair: ProxiedOrigin, isTls = false): Promise<Sent[]> {
  const sent = (
    await Promise.all(
      Object.keys(heads).map((name) => upload(pair, name as keyof typeof heads, isTls)),
    )
  ).flat();
  for (const { target, body } of sent) {
    const [arrived, ...more] = pair.origin.requestsFor(target);
    assert.equal(more.length, 0);
    assert.ok(
      arrived !== undefined && body.equals(arrived.body),
      `${target}: the body is another one`,
    );
    assert.equal(
      arrived.head.fields.some(([field]) => /^(connection|x-hop)$/i.test(field)),
      false,
    );
  }
  assert.deepEqual(pair.origin.wireFaults, []);
  return sent;
}

interface Sent {
  readonly target: string;
  readonly body: Buffer;
}

async function upload(
  pair: ProxiedOrigin,
  name: keyof typeof heads,
  isTls: boolean,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const tls = isTls ? { tls: { rejectUnauthorized: false } } : {};
  using client = await connectRaw({ host: pair.proxy.host, port: pair.proxy.port, ...tls });
  let answers = 0;
  for (const size of sizes) {
    const requests = [5, size, 7].map((bytes, i) => ({
      target: `/${name.replaceAll(" ", "-")}/_doc/${size}-${i}`,
      body: content(bytes, size + i),
    }));
    client.send(
      Buffer.concat(requests.map(({ target, body }) => post(target, heads[name], body))),
      ...requests.map(() => "POST"),
    );
    answers += requests.length;
    assert.equal((await client.response(answers, 30_000)).head.status, 200);
    sent.push(...requests);
  }
  return sent;
}

test(
  "large uploads arrive byte for byte, and the audit names what passed",
  { timeout: 120_000 },
  async () => {
    await using pair = await startProxiedOrigin();
    for (const { target, body } of await assertForwarded(pair)) {
      // A body that was there at once is named by the request record, one that passed in pieces by
      // the terminal one.
      const records = await waitFor("both records", async () => {
        const lines = await pair.audit(target);
        return lines.length === 2 ? lines.map(({ record }) => record) : undefined;
      });
      if (body.length <= 16_384) continue;
      const named = records
        .map((record) => fieldAt(record, "es_proxy.request_body.sha256"))
        .filter((one) => one !== undefined);
      assert.deepEqual(named, [sha256(body)], target);
    }
  },
);

test(
  "large uploads arrive byte for byte without an audit, with fields added to their heads",
  { timeout: 120_000 },
  async () => {
    await using pair = await startProxiedOrigin({
      config: (port) => `
listeners:
  - {name: es, protocol: http, bind: 127.0.0.1:0, forwarded: x_forwarded, routes: [{path: /, pool: o, audit: {level: none}}]}
pools: {o: {endpoints: ["http://127.0.0.1:${port}"]}}
`,
    });
    await assertForwarded(pair);
  },
);

test("large uploads arrive byte for byte without an audit", { timeout: 120_000 }, async () => {
  await using pair = await startProxiedOrigin({
    config: (port) => `
listeners:
  - {name: es, protocol: http, bind: 127.0.0.1:0, routes: [{path: /, pool: o, audit: {level: none}}]}
pools: {o: {endpoints: ["http://127.0.0.1:${port}"]}}
`,
  });
  await assertForwarded(pair);
});

test("large uploads arrive byte for byte out of TLS", { timeout: 120_000 }, async () => {
  await using files = await makeTempDir("large-uploads");
  const { certPem, keyPem } = await makeSelfSigned();
  await writeFile(files.file("cert.pem"), certPem);
  await writeFile(files.file("key.pem"), keyPem, { mode: 0o600 });
  await using pair = await startProxiedOrigin({
    config: (port) => `
listeners:
  - {name: es, protocol: http, bind: 127.0.0.1:0, tls: {cert: ${files.file("cert.pem")}, key: ${files.file("key.pem")}}, routes: [{path: /, pool: o, audit: {level: none}}]}
pools: {o: {endpoints: ["http://127.0.0.1:${port}"]}}
`,
  });
  // An origin that reads by fits and starts: what TLS has read for several connections waits to be
  // written.
  let isPaused = false;
  const stutter = setInterval(() => {
    isPaused = !isPaused;
    for (const { socket } of pair.origin.connections)
      if (isPaused) socket.pause();
      else socket.resume();
  }, 5);
  try {
    await assertForwarded(pair, true);
  } finally {
    clearInterval(stutter);
  }
});
