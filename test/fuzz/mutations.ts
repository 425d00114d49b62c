import * as fc from "fast-check";
import { request as validRequest } from "../http1/arbitraries.ts";

/** What a mutation may write: the bytes and phrases on which parsers have disagreed before. */
const phrases: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\r\r\n",
  "\n\n",
  " ",
  "\t",
  "\v",
  "\f",
  "\0",
  "\x7f",
  "\x80",
  "\xff",
  ":",
  ",",
  ";",
  '"',
  "\\",
  "=",
  "+",
  "-",
  "_",
  "0x",
  "0",
  "1",
  "5",
  "F",
  "%",
  "%00",
  "#",
  "*",
  "x",
  "\r\n ",
  "\r\n\t",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  ";a=b",
  ';a="b',
  ";",
  "chunked",
  "identity",
  "gzip",
  ", chunked",
  "chunked, ",
  "Content-Length: 5\r\n",
  "content-length: 5\r\n",
  "Content-Length : 5\r\n",
  "Content-Length: +5\r\n",
  "Content-Length: 5, 5\r\n",
  "Content-Length:\t5\r\n",
  "Content-Length: 18446744073709551621\r\n",
  "Content-Length: 9007199254740993\r\n",
  "Content_Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: identity\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Transfer-Encoding:\x0bchunked\r\n",
  "Transfer-Encoding : chunked\r\n",
  "Transfer-Encoding: xchunked\r\n",
  "Transfer-Encoding:\r\n chunked\r\n",
  "TE: chunked\r\n",
  "Host: y\r\n",
  "Connection: close\r\n",
  "Connection: keep-alive\r\n",
  "Connection: Content-Length\r\n",
  "Connection: upgrade\r\nUpgrade: h2c\r\n",
  "Expect: 100-continue\r\n",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/1.2",
  "HTTP/2.0",
  "http/1.1",
  "GET ",
  "POST /b HTTP/1.1\r\nHost: z\r\n",
  "GET /c HTTP/1.1\r\nHost: z\r\n\r\n",
  "http://es.test/",
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "204 ",
  "304 ",
  "101 ",
  "099 ",
  "2000 ",
];

interface Mutation {
  readonly kind: "insert" | "replace" | "delete" | "repeat" | "flip" | "swap";
  readonly at: number;
  readonly length: number;
  readonly phrase: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("insert", "replace", "delete", "repeat", "flip", "swap"),
  at: fc.nat({ max: 1 << 20 }),
  length: fc.nat({ max: 24 }),
  phrase: fc.constantFrom(...phrases),
});

/** Requests written from the grammar, alone and pipelined. */
const grammar = fc
  .array(validRequest, { minLength: 1, maxLength: 3 })
  .map((requests) => Buffer.from(requests.map((one) => one.bytes).join(""), "latin1"));

/**
 * Bytes for one direction: grammar or vector, changed in up to five places; half of the places are
 * line boundaries.
 */
export function mutated(
  seeds: readonly Buffer[],
  kind: "request" | "response",
): fc.Arbitrary<Buffer> {
  const seed = fc.constantFrom(...seeds);
  const start = kind === "request" ? fc.oneof(seed, grammar) : seed;
  return fc
    .tuple(start, fc.array(fc.tuple(mutation, fc.boolean()), { maxLength: 5 }))
    .map(([bytes, changes]) =>
      changes.reduce((now, [change, isAtLine]) => apply(now, change, isAtLine), bytes),
    );
}

function apply(bytes: Buffer, { kind, at, length, phrase }: Mutation, isAtLine: boolean): Buffer {
  const from = place(bytes, at, isAtLine);
  const before = bytes.subarray(0, from);
  const after = bytes.subarray(from + length);
  const here = bytes.subarray(from, from + length);
  const inserted = Buffer.from(phrase, "latin1");
  switch (kind) {
    case "insert":
      return Buffer.concat([before, inserted, bytes.subarray(from)]);
    case "replace":
      return Buffer.concat([
        before,
        inserted,
        bytes.subarray(from + Math.min(length, inserted.length)),
      ]);
    case "delete":
      return Buffer.concat([before, after]);
    case "repeat":
      return Buffer.concat([before, here, here, after]);
    case "flip":
      return Buffer.concat([before, Buffer.from(here.map((code) => flipCase(code))), after]);
    case "swap":
      return Buffer.concat([before, after.subarray(0, length), here, after.subarray(length)]);
  }
}

/** A random position, or the start of a random line. */
function place(bytes: Buffer, at: number, isAtLine: boolean): number {
  const position = at % (bytes.length + 1);
  return isAtLine ? bytes.lastIndexOf(10, position) + 1 : position;
}

function flipCase(code: number): number {
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isLetter ? code ^ 0x20 : code;
}
