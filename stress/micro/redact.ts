/**
 * Micro-benchmark: CPU time that the redaction adds to bodies and targets, beside what they cost
 * without it.
 *
 * Usage: node stress/micro/redact.ts [MiB=2]
 *
 * Prints nanoseconds of CPU per byte received, best of nine rounds, and the ratio to hashing and
 * copying the same bytes in pieces of 64 KiB, or, for targets of 8 KiB, to the API match and the
 * JSON literal. The bars, 10 for JSON of secrets and for parameters, 100 for anything, are meant
 * against the whole way of a body through the proxy, which costs three to four times as much as
 * hashing and copying it.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { argv, cpuUsage, stdout } from "node:process";
import { gzipSync } from "node:zlib";

import { jsonWireString } from "../../src/audit/format/json-text.ts";
import { Redactor } from "../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";

const bytes = Number(argv[2] ?? 2) * 1_048_576;
const rounds = 9;
const pieceBytes = 65_536;
const targetBytes = 8000;

const redactor = new Redactor(Buffer.alloc(32, 1));
const settings = matchApiEndpoint("PUT", "/_cluster/settings");
const search = matchApiEndpoint("POST", "/idx/_search");
const copy = Buffer.allocUnsafe(pieceBytes);
let kept = 0;
const sink = {
  keep(piece: Buffer, start: number, end: number): void {
    kept += end - start;
    piece.copy(copy, 0, start, Math.min(end, start + pieceBytes));
  },
};

/** Nanoseconds of CPU per byte. */
function cost(length: number, run: () => void): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuUsage();
    run();
    const { user, system } = cpuUsage(before);
    best = Math.min(best, (user + system) * 1000);
  }
  return best / length;
}

function filled(parts: (at: number) => string, open = "", close = "", between = ","): Buffer {
  let text = open;
  for (let at = 0; text.length < bytes; at += 1) text += (at === 0 ? "" : between) + parts(at);
  return Buffer.from(text + close, "latin1");
}

function plain(body: Buffer): void {
  const hash = createHash("sha256");
  for (let at = 0; at < body.length; at += pieceBytes) {
    const end = Math.min(body.length, at + pieceBytes);
    hash.update(body.subarray(at, end));
    sink.keep(body, at, end);
  }
  hash.digest();
}

/** What the tap does with a body that is looked through. */
function redacted(body: Buffer, contentType: string, contentEncoding?: string): void {
  const body_ = redactor.body(settings, "request", contentType, contentEncoding, 0);
  if (body_ === undefined) throw new Error("the body is not looked through");
  const hash = createHash("sha256");
  const hashing = {
    keep(piece: Buffer, start: number, end: number): void {
      hash.update(piece.subarray(start, end));
      sink.keep(piece, start, end);
    },
  };
  for (let at = 0; at < body.length; at += pieceBytes)
    body_.write(body, at, Math.min(body.length, at + pieceBytes), hashing);
  body_.finish(hashing);
  hash.digest();
}

function row(name: string, own: number, base: number): void {
  const ratio = (own / base).toFixed(1);
  stdout.write(`${name.padEnd(44)} ${own.toFixed(2).padStart(8)} ns/B ${ratio.padStart(7)} ×\n`);
}

const repository = (at: number): string =>
  `{"id":${at},"name":"repository ${at}","type":"s3","settings":{"bucket":"b-${at}","url":"https://es/path"}}`;
const bodies: readonly (readonly [string, Buffer, string])[] = [
  ["JSON without secrets", filled(repository, "[", "]"), "application/json"],
  [
    "JSON, one member in five is a secret",
    filled(
      (at) => `{"id":${at},"name":"n","type":"s3","x":[1,2],"secret_key":"${"s".repeat(40)}"}`,
      "[",
      "]",
    ),
    "application/json",
  ],
  ["JSON of nothing but secrets", filled(() => '"pwd":"x"', "{", "}"), "application/json"],
  ["NDJSON", filled(repository, "", "\n", "\n"), "application/x-ndjson"],
  [
    "YAML, one line in three is a secret",
    filled((at) => `- a: ${at}\n  url: https://es/x\n  password: secret${at}`, "", "\n", "\n"),
    "application/yaml",
  ],
  [
    "a log that names secrets",
    filled((at) => `GET /x?token=${at} HTTP/1.1 host=es`, "", "\n", "\n"),
    "text/plain",
  ],
  [
    "a form of nothing but secrets",
    filled(() => "password=x", "", "", "&"),
    "application/x-www-form-urlencoded",
  ],
];

for (const [name, body, contentType] of bodies) {
  const base = cost(body.length, () => plain(body));
  row(
    name,
    cost(body.length, () => redacted(body, contentType)),
    base,
  );
}

const gzipped = gzipSync(filled(repository, "[", "]").subarray(0, 900_000));
row(
  `gzip of 900 KB in ${Math.round(gzipped.length / 1000)} KB, a byte received`,
  cost(gzipped.length, () => redacted(gzipped, "application/x-ndjson", "gzip")),
  cost(gzipped.length, () => plain(gzipped)),
);
const members = Array.from({ length: 131_000 }, () => '"pwd":"x"');
const bomb = gzipSync(`{${members.join(",")}}`, { level: 9 });
const bombCost = cost(1, () => redacted(bomb, "application/json", "gzip"));
stdout.write(
  `gzip of 131,000 secrets in ${bomb.length} bytes                ${(bombCost / 1e6).toFixed(2)} ms\n`,
);

/** Targets that differ, as no cache helps. */
function targets(part: string): void {
  for (let at = 0; at * targetBytes < bytes; at += 1) {
    const filler = part.repeat(Math.ceil(targetBytes / part.length)).slice(0, targetBytes);
    const match = matchApiEndpoint("GET", `/idx/_search?n=${at}${filler}`);
    const { path, query } = redactor.target(match);
    kept += jsonWireString(`${path}?${query}`).length;
  }
}

const plainTarget = cost(bytes, () => targets("abcdefgh"));
row("targets without parameters", plainTarget, plainTarget);
row(
  "targets of parameters",
  cost(bytes, () => targets("&ab=cdef")),
  plainTarget,
);
row(
  "targets of secrets",
  cost(bytes, () => targets("&token=x")),
  plainTarget,
);

const calls = 1_000_000;
const lookUp = cost(calls, () => {
  for (let at = 0; at < calls; at += 1)
    if (redactor.body(search, "response", "application/json", undefined, 200) !== undefined)
      throw new Error("documents are looked through");
});
stdout.write(`the decision for a body of documents           ${lookUp.toFixed(1)} ns\n`);
const scroll = matchApiEndpoint("POST", "/_search/scroll");
const page = Buffer.from(`{"hits":{"hits":[${'{"_index":"idx","_source":{"a":1}},'.repeat(7)}]}}`);
const watched = cost(calls, () => {
  for (let at = 0; at < calls; at += 1) {
    const body = redactor.body(scroll, "response", "application/json", undefined, 200);
    if (body === undefined) throw new Error("pages of a scroll are not watched");
    body.write(page, 0, page.length, sink);
    body.finish(sink);
  }
});
stdout.write(
  `an answer of ${page.length} bytes whose path names no index ${watched.toFixed(0)} ns\n`,
);
if (kept === 0) throw new Error("nothing was kept");
