/**
 * Micro-benchmark: how fast bodies are scanned, beside decoding and `JSON.parse`.
 *
 * Usage: node stress/micro/body-scan.ts [hits=10000] [bytes a piece=65536]
 *
 * Prints MB of body per second of CPU, best of several rounds. The hostile bodies at the end show
 * what a byte costs at most.
 */
import { argv, cpuUsage, stdout } from "node:process";
import { JsonScanner } from "../../src/elasticsearch/body/json-scanner.ts";
import type { JsonVisitor } from "../../src/elasticsearch/body/json-visitor.ts";

const hits = Number(argv[2] ?? 10_000);
const pieceBytes = Number(argv[3] ?? 65_536);
const rounds = 8;

const numbers = Array.from({ length: hits }, (_, at) => at);
const patient = (at: number): object => ({
  name: `Jane Doe ${at}`,
  born: "1987-04-12",
  address: { street: `Main street ${at}`, city: "Springfield", zip: "12345" },
  tags: ["a", "b", "chronic"],
  visits: [
    { date: "2026-01-02", note: "A mild headache; sent home to rest for two days.", cost: 120.5 },
    { date: "2026-02-02", note: 'Follow-up: "fine".', cost: 80 },
  ],
  weight: 72.5,
  active: true,
});
const searchAnswer = {
  took: 5,
  timed_out: false,
  _shards: { total: 5, successful: 5, skipped: 0, failed: 0 },
  hits: {
    total: { value: hits, relation: "eq" },
    max_score: 1,
    hits: numbers.map((at) => ({
      _index: "patients-2026.11",
      _id: `p${100_000 + at}`,
      _score: 1.25,
      _source: patient(at),
      sort: [at],
    })),
  },
};
const bulkAnswer = {
  took: 30,
  errors: false,
  items: numbers.map((at) => ({
    index: {
      _index: "logs-2026.11.29",
      _id: `abcDEF${at}`,
      _version: 1,
      result: "created",
      _shards: { total: 2, successful: 1, failed: 0 },
      _seq_no: at,
      _primary_term: 1,
      status: 201,
    },
  })),
};

const bodies: Readonly<Record<string, Buffer>> = {
  "search answer": Buffer.from(JSON.stringify(searchAnswer)),
  "search answer, pretty": Buffer.from(JSON.stringify(searchAnswer, null, 2)),
  "bulk answer": Buffer.from(JSON.stringify(bulkAnswer)),
  "escaped quotes": Buffer.from(JSON.stringify('"'.repeat(2_000_000))),
  "empty objects": Buffer.from(`[${"{},".repeat(1_000_000)}0]`),
  "empty strings": Buffer.from(`[${'"",'.repeat(1_000_000)}0]`),
  "short members": Buffer.from(`{${'"":0,'.repeat(1_000_000)}"":0}`),
  "escaped keys": Buffer.from(`{${'"\\u0061":0,'.repeat(300_000)}"":0}`),
};

/** Passes over `_source`, visits all else. */
const visitor: JsonVisitor = {
  key: (bytes, start, end) => !(end - start === 7 && bytes[start + 1] === 0x73),
  open: () => true,
  close: () => undefined,
  scalar: () => undefined,
};

function scan(body: Buffer): void {
  const scanner = new JsonScanner(visitor);
  for (let at = 0; at < body.length; at += pieceBytes)
    scanner.write(body, at, Math.min(body.length, at + pieceBytes));
  scanner.finish();
  if (scanner.fault !== undefined) throw new Error(`fault at ${scanner.faultAt}`);
}

/** MB a second of CPU, the best of several rounds: what else runs can only slow it down. */
function speed(body: Buffer, work: (body: Buffer) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuUsage();
    work(body);
    const { user, system } = cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return body.length / best;
}

stdout.write(`${"MB/s of CPU".padEnd(24)}${"scan".padStart(8)}${"parse".padStart(8)}   ns/byte\n`);
for (const [name, body] of Object.entries(bodies)) {
  const scanSpeed = speed(body, scan);
  const parseSpeed = speed(body, (bytes) => JSON.parse(bytes.toString("utf8")));
  stdout.write(
    `${name.padEnd(24)}${scanSpeed.toFixed(0).padStart(8)}${parseSpeed.toFixed(0).padStart(8)}` +
      `${(1000 / scanSpeed).toFixed(2).padStart(10)}\n`,
  );
}
