import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerReader } from "../../stress/bench/answer-reader.ts";

const body = "0123456789abcdef";
const right: Readonly<Record<string, string>> = {
  "with a length": `HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n${body}`,
  "in one chunk": `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n${body}\r\n0\r\n\r\n`,
  "in two chunks": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\na\r\n6789abcdef\r\n0\r\n\r\n`,
};
const wrong: Readonly<Record<string, string>> = {
  "another status": `HTTP/1.1 404 Not Found\r\nContent-Length: 16\r\n\r\n${body}`,
  "a longer length": `HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n${body}x`,
  "a shorter length": `HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n${body.slice(1)}`,
  "bytes after the end": `HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n${body}x`,
  "another last byte": `HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n${body.slice(0, 15)}g`,
  "no length": `HTTP/1.1 200 OK\r\n\r\n${body}`,
  "an end too early": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n0\r\n\r\n`,
  "a chunk too many": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n${body}\r\n1\r\nx\r\n0\r\n\r\n`,
  "no chunk size": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n${body}`,
};

for (const [name, answer] of Object.entries(right)) {
  test(`accepts an answer ${name}, however it is split`, () => {
    const reader = new AnswerReader(200, Buffer.from(body));
    for (let cut = 1; cut < answer.length; cut += 1) {
      assert.equal(reader.read(Buffer.from(answer.slice(0, cut))), undefined);
      assert.equal(reader.isComplete, false, `complete after ${cut} bytes`);
      assert.equal(reader.read(Buffer.from(answer.slice(cut))), undefined, `cut at ${cut}`);
      assert.equal(reader.isComplete, true);
      reader.reset();
    }
    for (const byte of answer) assert.equal(reader.read(Buffer.from(byte)), undefined);
    assert.equal(reader.isComplete, true);
  });
}

test("passes over the stamp of a body and nothing else", () => {
  const stamped = (stamp: string, end: string): Buffer =>
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{"pad":"${stamp}xx${end}`);
  const expected = Buffer.from('{"pad":"000000000000xx"}');
  for (const cut of [42, 48, 50, 55, 60, 63]) {
    const reader = new AnswerReader(200, expected);
    const answer = stamped("000000004711", '"}');
    assert.equal(reader.read(answer.subarray(0, cut)), undefined);
    assert.equal(reader.read(answer.subarray(cut)), undefined);
    assert.equal(reader.isComplete, true);
  }
  assert.notEqual(new AnswerReader(200, expected).read(stamped("000000004711", '")')), undefined);
  assert.notEqual(new AnswerReader(200, expected).read(stamped("000000004711x", '"}')), undefined);
});

for (const [name, answer] of Object.entries(wrong)) {
  test(`refuses an answer with ${name}`, () => {
    assert.notEqual(new AnswerReader(200, Buffer.from(body)).read(Buffer.from(answer)), undefined);
  });
}
