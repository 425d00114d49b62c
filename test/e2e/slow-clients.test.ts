import assert from "node:assert/strict";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt } from "../support/audit-reader.ts";
import { respond, responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import type { RawClient } from "../support/raw-client.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {body_idle: 2s, write: 600s}
    min_rate: {request_body: 1KB, response_body: 100MB, grace: 1s}
    routes:
      - {path: /unrecorded, pool: es, audit: {level: none}}
      - {path: /, pool: es}
pools: {es: {endpoints: ["http://127.0.0.1:${port}"]}}
audit: {directory: ${folder}/audit}
`,
});
after(() => pair[Symbol.asyncDispose]());

interface Upload {
  readonly head: string;
  /** Frames a piece. */
  readonly frame: (text: string) => string;
  readonly end: string;
}

/** An upload of `bytes` bytes. */
const framings: Readonly<Record<string, (bytes: number) => Upload>> = {
  "with a length": (bytes) => ({
    head: `Content-Length: ${bytes}\r\n`,
    frame: (text) => text,
    end: "",
  }),
  chunked: () => ({
    head: "Transfer-Encoding: chunked\r\n",
    frame: (text) => `${text.length.toString(16)}\r\n${text}\r\n`,
    end: "0\r\n\r\n",
  }),
};
const uploads = Object.fromEntries(
  ["", "/unrecorded"].flatMap((prefix) =>
    Object.entries(framings).map(([name, framing]) => [
      `${name}${prefix === "" ? "" : ", not recorded"}`,
      { prefix, framing },
    ]),
  ),
);
let count = 0;

/** Sends a byte now and then until the connection ends. */
async function trickle(client: RawClient, frame: Upload["frame"]): Promise<void> {
  while (client.end === "open") {
    client.socket.write(frame("x"));
    await sleep(50);
  }
}

testVariants(
  "an upload below the minimum rate is told 408 and never costs a connection to an endpoint",
  uploads,
  async ({ prefix, framing }) => {
    const target = `${prefix}/slow/${count++}`;
    const { head, frame } = framing(1_000_000);
    using client = await pair.client();
    client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\n${head}\r\n`, "POST");
    const done = trickle(client, frame);
    assert.equal((await client.response()).head.status, 408);
    assert.equal(pair.origin.requestsFor(target).length, 0);
    client.destroy();
    await done;
    if (prefix !== "") return;
    const records = await waitFor("both records", async () => {
      const lines = await pair.audit(target);
      return lines.length === 2 && lines;
    });
    assert.equal(fieldAt(records[1]?.record ?? {}, "error.code"), "ESP_ERR_BODY_TIMEOUT");
  },
);

testVariants(
  "an upload that slows down after its beginning is cut, and the endpoint sees no whole request",
  uploads,
  async ({ prefix, framing }) => {
    const target = `${prefix}/stops/${count++}`;
    const { head, frame } = framing(1_000_000);
    using client = await pair.client();
    const start = frame("y".repeat(70_000));
    client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\n${head}\r\n${start}`, "POST");
    await pair.origin.until("the beginning", (origin) =>
      origin.requestsFor(target).some(({ bodyBytes }) => bodyBytes === 70_000),
    );
    const done = trickle(client, frame);
    // 70,000 bytes would have earned 70 seconds, but body_idle is the most.
    assert.equal((await client.response()).head.status, 408);
    client.destroy();
    await done;
    assert.equal(pair.origin.requestsFor(target)[0]?.complete, false);
  },
);

testVariants(
  "an upload goes on when it is whole, or when as much of it is there as could be sent again",
  uploads,
  async ({ prefix, framing }) => {
    for (const bytes of [10, 20_000, 65_535, 65_536, 65_537, 200_000]) {
      const target = `${prefix}/steady/${count++}`;
      const { head, frame, end } = framing(bytes);
      const body = Buffer.alloc(bytes, "0123456789").toString();
      using client = await pair.client();
      client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\n${head}\r\n`, "POST");
      const half = Math.min(bytes >> 1, 65_000);
      client.socket.write(frame(body.slice(0, half)));
      await client.untilSilence(() => false, 30, 30);
      assert.equal(pair.origin.requestsFor(target).length, 0, "not before there is enough");
      for (let at = half; at < bytes; at += 30_000)
        client.socket.write(frame(body.slice(at, Math.min(bytes, at + 30_000))));
      client.socket.write(end);
      assert.equal((await client.response()).head.status, 200);
      assert.equal(pair.origin.requestsFor(target)[0]?.body.toString(), body);
      if (prefix !== "") continue;
      const [request, response] = await waitFor("both records", async () => {
        const lines = await pair.audit(target);
        return lines.length === 2 && lines;
      });
      const sizes = [request, response].map((line) =>
        fieldAt(line?.record ?? {}, "http.request.body.bytes"),
      );
      assert.ok(sizes.includes(bytes), `${bytes} bytes in one of the records: ${sizes.join()}`);
    }
  },
);

test("an upload that keeps above the minimum rate may take its time", async () => {
  const target = "/patient/_bulk";
  using client = await pair.client();
  client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\nContent-Length: 12000\r\n\r\n`, "POST");
  for (let i = 0; i < 20; i += 1) {
    client.socket.write("z".repeat(600));
    await sleep(100);
  }
  assert.equal((await client.response()).head.status, 200);
});

test("a client that waits for 100 (Continue) gets it from the endpoint at once", async () => {
  const target = "/continue/_bulk";
  pair.whenHead(target, ({ connection }) => connection.write("HTTP/1.1 100 Continue\r\n\r\n"));
  pair.when(target, respond({ body: "{}" }));
  using client = await pair.client();
  const head = "Content-Length: 10\r\nExpect: 100-continue\r\n";
  client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\n${head}\r\n`, "POST");
  await client.until("the interim answer", () => client.interims.length === 1);
  client.socket.write("0123456789");
  assert.equal((await client.response()).head.status, 200);
});

test("a client that takes its answer below the minimum rate is reset after the grace", async () => {
  const target = "/large/_search";
  pair.when(target, ({ connection }) =>
    connection.write(responseBytes({ body: Buffer.alloc(32 * 1024 * 1024) })),
  );
  using client = await pair.client({ startsPaused: true, keepsBodies: false });
  client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
  const records = await waitFor("both records", async () => {
    const lines = await pair.audit(target);
    return lines.length === 2 && lines;
  });
  assert.equal(fieldAt(records[1]?.record ?? {}, "error.code"), "ESP_ERR_WRITE_STALLED");
  client.socket.resume();
  assert.equal(await client.closed(), "reset");
});
