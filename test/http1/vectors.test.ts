import assert from "node:assert/strict";
import test from "node:test";
import {
  bytesOf,
  readRequestVectors,
  readResponseVectors,
  type RequestVector,
  type ResponseVector,
} from "../conformance/vectors/vector.ts";
import { parseHead } from "../support/wire-grammar.ts";
import { feed, type FeedOptions, type FedResult, statusOf } from "./wire-feed.ts";

const requests = await readRequestVectors();
const responses = await readResponseVectors();

/** Runs `check` for every vector and reports all that fail, not only the first. */
function each<V extends { id: string; family: string; note: string }>(
  vectors: readonly V[],
  check: (vector: V) => void,
): void {
  const failures: string[] = [];
  for (const vector of vectors)
    try {
      check(vector);
    } catch (error) {
      failures.push(
        `${vector.id} [${vector.family}] ${vector.note}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  assert.equal(
    failures.length,
    0,
    `${failures.length} of ${vectors.length} fail:\n${failures.join("\n")}`,
  );
}

test("gives every request vector its verdict", () => {
  each(requests, (vector) =>
    vector.expect === "accept" ? assertAccepted(vector) : assertRejected(vector),
  );
});

test("gives every response vector its verdict", () => {
  each(responses, assertResponse);
});

test("writes for every accepted request vector a head that a strict reader takes, without what must be absent", () => {
  const accepted = requests.filter((vector) => vector.expect === "accept");
  each(accepted, (vector) => {
    for (const message of feed(bytesOf(vector), { kind: "request" }).messages) {
      const head = parseHead(Buffer.from(message.written, "latin1"), "request");
      assert.equal(head.version, "1.1");
      assert.equal(head.target, message.target);
      const names = head.fields.map(([name]) => name.toLowerCase());
      for (const name of vector.absent ?? [])
        if (name !== "expect") assert.ok(!names.includes(name), `${name} is written`);
      const framings = names.filter(
        (name) => name === "content-length" || name === "transfer-encoding",
      );
      assert.ok(framings.length <= 1, "more than one framing field");
    }
  });
});

test("reads every vector byte by byte and in pieces of three as it does whole", () => {
  each([...requests, ...responses], (vector) => {
    const { bytes, options } = feedOf(vector);
    const whole = feed(bytes, options);
    assert.deepEqual(feed(bytes, { ...options, pieces: [1] }), whole, "byte by byte");
    assert.deepEqual(feed(bytes, { ...options, pieces: [3] }), whole, "in pieces of three");
  });
});

test("reads every vector cut in two at any position as it does whole", () => {
  each([...requests, ...responses], (vector) => {
    const { bytes, options } = feedOf(vector);
    const whole = feed(bytes, options);
    // The few vectors of 10 to 100 KiB are uniform in the middle; 300 positions and both ends see
    // all of their states.
    const step = bytes.length > 4096 ? Math.ceil(bytes.length / 300) : 1;
    for (let at = 1; at < bytes.length; at += at < 200 || at > bytes.length - 200 ? 1 : step)
      assert.deepEqual(
        feed(bytes, { ...options, pieces: [at, bytes.length] }),
        whole,
        `cut at ${at}`,
      );
  });
});

function feedOf(vector: RequestVector | ResponseVector): { bytes: Buffer; options: FeedOptions } {
  const isResponse = "requestMethod" in vector;
  const answersHead = isResponse && vector.requestMethod === "HEAD";
  return {
    bytes: bytesOf(vector),
    options: { kind: isResponse ? "response" : "request", answersHead },
  };
}

function assertAccepted(vector: RequestVector): void {
  const { messages, end } = feed(bytesOf(vector), { kind: "request" });
  const targets = vector.targets ?? [`/v/${vector.id}`];
  assert.deepEqual(
    messages.map((message) => message.target),
    targets,
  );
  for (const [index, message] of messages.entries()) {
    assert.ok(message.isComplete, `${message.target} is not complete`);
    const body = vector.bodies?.[index];
    if (body !== undefined)
      assert.equal(Buffer.from(message.content, "latin1").toString("base64"), body, "content");
  }
  if (vector.tail === undefined) assert.ok(end === "between" || end === "closing", `end is ${end}`);
  else assert.ok(end === "closing" || statusOf(end) >= 400, `end is ${end}`);
}

function assertRejected(vector: RequestVector): void {
  const { messages, end } = feed(bytesOf(vector), { kind: "request" });
  assert.deepEqual(
    messages.filter((message) => message.isComplete),
    [],
    "complete messages",
  );
  if (vector.fin === true) {
    assert.equal(end, "inside");
    return;
  }
  assert.ok(
    vector.status?.includes(statusOf(end)),
    `ends with ${end} (${statusOf(end)}), allowed are ${vector.status?.join(" ")}`,
  );
}

function assertResponse(vector: ResponseVector): void {
  const { bytes, options } = feedOf(vector);
  const result = feed(bytes, options);
  const finals = result.messages.filter((message) => message.status >= 200);
  const final = finals[0];
  switch (vector.expect) {
    case "pass": {
      assert.equal(
        (vector.status ?? [200]).includes(final?.status ?? 0),
        true,
        `status ${final?.status}, ends with ${result.end}`,
      );
      const isUntilClose = vector.close !== undefined && final?.isComplete === false;
      assert.ok(final?.isComplete === true || isUntilClose, "the response is not complete");
      assert.equal(
        Buffer.from(final?.content ?? "", "latin1").toString("base64"),
        vector.body ?? "",
        "content",
      );
      break;
    }
    case "bad_gateway":
      assertNoFinal(result, vector);
      break;
    case "truncated_visible":
      assert.ok(final?.isComplete !== true, "the message is complete");
      assert.ok(result.end !== "between" && result.end !== "closing", `end is ${result.end}`);
      break;
  }
}

/**
 * Either an error, or bytes that end inside the head. The relay itself refuses an unasked 101 and
 * too many interims.
 */
function assertNoFinal(result: FedResult, vector: ResponseVector): void {
  const isRelaysTask = vector.family === "r33-interim";
  const isCutInHead =
    vector.close !== undefined && result.messages.every((message) => message.status < 200);
  assert.ok(statusOf(result.end) > 0 || isCutInHead || isRelaysTask, `end is ${result.end}`);
}
