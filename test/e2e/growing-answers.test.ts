import assert from "node:assert/strict";
import test, { after } from "node:test";
import { responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { testVariants } from "../support/test-variants.ts";

const pair = await startProxiedOrigin();
after(() => pair[Symbol.asyncDispose]());

const first = 'data: {"completion":[{"delta":"Hel"}]}\n\n';
const second = 'data: {"completion":[{"delta":"lo"}]}\n\n';

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function head(contentType: string): string {
  return `HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\nContent-Type: ${contentType}\r\nTransfer-Encoding: chunked\r\n\r\n`;
}

interface Growing {
  readonly method: string;
  readonly target: string;
  readonly type: string;
}

const json = "application/json";

testVariants<Growing>(
  "each part of an answer that grows reaches the client before the next one comes",
  {
    "an inference stream": {
      method: "POST",
      target: "/_inference/completion/model/_stream",
      type: "text/event-stream",
    },
    "a chat completion": {
      method: "POST",
      target: "/_inference/chat_completion/model/_stream",
      type: "text/event-stream; charset=utf-8",
    },
    "an inference without an event stream": {
      method: "POST",
      target: "/_inference/model",
      type: json,
    },
    "a page of a scroll": { method: "POST", target: "/_search/scroll", type: json },
    "a point in time": { method: "POST", target: "/logs/_pit", type: json },
    "an asynchronous search": { method: "POST", target: "/logs/_async_search", type: json },
    "a SQL query": { method: "POST", target: "/_sql", type: "text/csv" },
    "the events of an API that writes": {
      method: "POST",
      target: "/logs/_update_by_query",
      type: "Text/Event-Stream",
    },
    "an API that the proxy does not know": {
      method: "POST",
      target: "/_plugins/_ml/models/1/_predict",
      type: json,
    },
    "a write that pauses": { method: "POST", target: "/logs/_delete_by_query", type: json },
    "an administrative call that pauses": {
      method: "POST",
      target: "/_snapshot/backup/one/_restore?wait_for_completion=true",
      type: json,
    },
  },
  async ({ method, target, type }) => {
    const head1 = Promise.withResolvers<void>();
    const part1 = Promise.withResolvers<void>();
    pair.when(target, async ({ connection }) => {
      await connection.write(head(type));
      await head1.promise;
      await connection.write(chunk(first));
      await part1.promise;
      await connection.write(`${chunk(second)}0\r\n\r\n`);
    });
    using client = await pair.client();
    client.send(`${method} ${target} HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}`, method);
    await client.until("the head", () => client.finals.length === 1);
    head1.resolve();
    const seen = (): string => Buffer.concat(client.received).toString("latin1");
    await client.until("the first part", () => seen().endsWith(chunk(first)));
    part1.resolve();
    const { body } = await client.response();
    assert.equal(body.toString(), first + second);
  },
);

test("a write's answer that was let go at a pause and then breaks off is cut visibly", async () => {
  const target = "/paused/_bulk";
  const answer = responseBytes({ body: "x".repeat(1000) });
  const seen = Promise.withResolvers<void>();
  pair.when(target, async ({ connection }) => {
    await connection.write(answer.subarray(0, 500));
    await seen.promise;
    connection.reset();
  });
  using client = await pair.client();
  client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}`, "POST");
  await client.until("what had come before the pause", () => client.receivedBytes === 500);
  seen.resolve();
  await client.closed();
  assert.deepEqual(
    client.finals.map(({ head: { status }, complete }) => [status, complete]),
    [[200, false]],
  );
});

test("a client that leaves while its answer is held leaves nothing behind", async () => {
  const target = "/left/_bulk";
  const held = Promise.withResolvers<void>();
  pair.when(target, async ({ connection }) => {
    await connection.write(responseBytes({ body: "x".repeat(1000) }).subarray(0, 500));
    held.resolve();
  });
  using client = await pair.client();
  client.send(`POST ${target} HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}`, "POST");
  await held.promise;
  client.reset();
  await pair.origin.until("the end of its upstream work", ({ connections }) =>
    connections.some(
      ({ requests, end }) => end !== "open" && requests.at(-1)?.head.target === target,
    ),
  );
  using next = await pair.client();
  next.send("GET / HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await next.response()).head.status, 200);
});
