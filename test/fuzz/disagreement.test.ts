import assert from "node:assert/strict";
import test from "node:test";
import { feed } from "../http1/wire-feed.ts";
import { allowedDisagreements, laxness } from "./disagreement.ts";
import { readWithLlhttp } from "./llhttp.ts";

interface Example {
  readonly kind: "request" | "response";
  readonly bytes: string;
  /** Messages that we take whole, and that llhttp does. */
  readonly whole: readonly [ours: number, theirs: number];
  readonly ourEnd: string;
  readonly theirError: string | undefined;
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const final = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/**
 * For each entry of the list an input on which the two do disagree: an entry without one would have
 * no right to be there.
 */
const examples: Readonly<Record<keyof typeof allowedDisagreements, Example>> = {
  method: {
    kind: "request",
    bytes: "purge-all / HTTP/1.1\r\nHost: x\r\n\r\n",
    whole: [1, 0],
    ourEnd: "between",
    theirError: "HPE_INVALID_METHOD",
  },
  earlier: {
    kind: "request",
    bytes: `${get}GET / HTTP/1.1\r\nHost : x\r\n\r\n`,
    whole: [1, 1],
    ourEnd: "ESP_ERR_HEAD_SYNTAX",
    theirError: "HPE_INVALID_HEADER_TOKEN",
  },
  closing: {
    kind: "request",
    bytes: `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${get}`,
    whole: [1, 1],
    ourEnd: "closing",
    theirError: "HPE_CLOSED_CONNECTION",
  },
  interimClose: {
    kind: "response",
    bytes: `HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n${final}`,
    whole: [2, 1],
    ourEnd: "between",
    theirError: "HPE_CLOSED_CONNECTION",
  },
  interimBody: {
    kind: "response",
    bytes: `HTTP/1.1 121 Odd\r\nContent-Length: 5\r\n\r\n${final}`,
    whole: [2, 1],
    ourEnd: "between",
    theirError: "HPE_INVALID_CONSTANT",
  },
};

for (const [name, example] of Object.entries(examples))
  test(`disagrees with llhttp where the list says so: ${name}`, () => {
    const bytes = Buffer.from(example.bytes, "latin1");
    const ours = feed(bytes, { kind: example.kind });
    const theirs = readWithLlhttp(bytes, example.kind);
    const whole = [ours, theirs].map(
      ({ messages }) => messages.filter((message) => message.isComplete).length,
    );
    assert.deepEqual(whole, example.whole);
    assert.equal(ours.end, example.ourEnd);
    assert.equal(theirs.error, example.theirError);
    assert.equal(laxness(ours, theirs), undefined);
  });

test("calls it lax to take what llhttp refuses for any other reason", () => {
  const theirs = readWithLlhttp(Buffer.from("GET / HTTP/1.1\r\nHost : x\r\n\r\n"), "request");
  assert.match(
    laxness(feed(Buffer.from(get), { kind: "request" }), theirs) ?? "",
    /refused by llhttp/,
  );
});
