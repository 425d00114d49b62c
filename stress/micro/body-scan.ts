/**
 * Micro-benchmark: how fast bodies are scanned and their facts found, beside decoding and
 * `JSON.parse`, and beside a loop that only finds the ends of strings and counts brackets.
 *
 * Usage: node stress/micro/body-scan.ts [hits=10000] [bytes a piece=65536]
 *
 * Prints MB of body per second of CPU, best of several rounds. The hostile bodies at the end show
 * what a byte costs at most.
 */
import { argv, cpuUsage, stdout } from "node:process";
import { matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../src/elasticsearch/body/cursor-digest.ts";
import { JsonScanner } from "../../src/elasticsearch/body/json-scanner.ts";
import type { JsonVisitor } from "../../src/elasticsearch/body/json-visitor.ts";
import { requestFacts } from "../../src/elasticsearch/body/request/request-reader.ts";
import { responseFacts } from "../../src/elasticsearch/body/response/response-reader.ts";
import { WatchRules } from "../../src/elasticsearch/body/watch/watch-rules.ts";

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

const search = Buffer.from(JSON.stringify(searchAnswer));
const bulk = Buffer.from(JSON.stringify(bulkAnswer));
const usualBodies: Readonly<Record<string, Buffer>> = {
  "search answer": search,
  "search answer, pretty": Buffer.from(JSON.stringify(searchAnswer, null, 2)),
  "bulk answer": bulk,
};
const hostileBodies: Readonly<Record<string, Buffer>> = {
  "escaped quotes": Buffer.from(JSON.stringify('"'.repeat(2_000_000))),
  "empty objects": Buffer.from(`[${"{},".repeat(1_000_000)}0]`),
  "empty strings": Buffer.from(`[${'"",'.repeat(1_000_000)}0]`),
  "short members": Buffer.from(`{${'"":0,'.repeat(1_000_000)}"":0}`),
  "escaped keys": Buffer.from(`{${'"\\u0061":0,'.repeat(300_000)}"":0}`),
  brackets: Buffer.from(`[${`${"[".repeat(900)}${"]".repeat(900)},`.repeat(1000)}0]`),
};
const many = Array.from({ length: 200_000 }, (_, at) => at);
const hostileAnswers: Readonly<Record<string, Buffer>> = {
  "empty hits": Buffer.from(`{"hits":{"hits":[${"{},".repeat(500_000)}{}]}}`),
  "many indices": Buffer.from(
    `{"hits":{"hits":[${many.map((at) => `{"_index":"${at}"}`).join()}]}}`,
  ),
  "many aggregations": Buffer.from(
    `{"aggregations":{${many.map((at) => `"${at}":{"value":1}`).join()}}}`,
  ),
  "many errors": Buffer.from(`{"error":[${many.map((at) => `{"type":"${at}"}`).join()}]}`),
};
const hostileBulks: Readonly<Record<string, Buffer>> = {
  "empty lines": Buffer.from("\n".repeat(1_000_000)),
  "empty actions": Buffer.from('{"delete":{}}\n'.repeat(300_000)),
  "many indices": Buffer.from(many.map((at) => `{"delete":{"_index":"${at}"}}\n`).join("")),
};
const bulkRequest = Buffer.from(
  numbers
    .map(
      (at) =>
        `{"index":{"_index":"logs-${at % 5}","_id":"id${at}"}}\n${JSON.stringify(patient(at))}\n`,
    )
    .join(""),
);
const smallBulk = Buffer.from(
  '{"create":{}}\n{"message":"a log line of a few words"}\n'.repeat(100_000),
);

/** Passes over `_source`, visits all else. */
const visitor: JsonVisitor = {
  key: (bytes, start, end) => !(end - start === 7 && bytes[start + 1] === 0x73),
  open: () => true,
  close: () => undefined,
  scalar: () => false,
};

interface Reader {
  write(piece: Buffer, start: number, end: number): void;
  finish(): unknown;
}

function read(reader: Reader, body: Buffer): void {
  for (let at = 0; at < body.length; at += pieceBytes)
    reader.write(body, at, Math.min(body.length, at + pieceBytes));
  reader.finish();
}

const digest = new CursorDigest(Buffer.alloc(32));
const watch = new WatchRules([{ indices: "patients-*", fields: ["name", "address.*"] }], 0);
const otherWatch = new WatchRules([{ indices: "others-*", fields: ["name", "address.*"] }], 0);

function answerReader(call: string, rules?: WatchRules): Reader {
  const [method = "", target = ""] = call.split(" ");
  const head = { status: 200, contentType: "application/json" };
  return responseFacts(matchApiEndpoint(method, target), head, { digest, watch: rules });
}

function requestReader(call: string): Reader {
  const [method = "", target = ""] = call.split(" ");
  const head = { contentType: "application/json", startedMs: 0 };
  return requestFacts(matchApiEndpoint(method, target), head, { digest });
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

/** The least that a scanner can do: it knows no grammar, no pieces, and tells nothing. */
function bracketsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; ;) {
    const quote = bytes.indexOf(0x22, at);
    const stop = quote < 0 ? bytes.length : quote;
    for (; at < stop; at += 1) if (((bytes[at] ?? 0) | 0x20) === 0x7b) count += 1;
    if (quote < 0) return count;
    let end = bytes.indexOf(0x22, quote + 1);
    while (end > 0 && bytes[end - 1] === 0x5c) end = bytes.indexOf(0x22, end + 1);
    if (end < 0) return count;
    at = end + 1;
  }
}

function line(name: string, body: Buffer, reader: () => Reader): void {
  const own = speed(body, (bytes) => read(reader(), bytes));
  const isLines = body[body.length - 1] === 0x0a;
  const parsed = isLines
    ? undefined
    : speed(body, (bytes) => void JSON.parse(bytes.toString("utf8")));
  const loop = speed(body, (bytes) => void bracketsIn(bytes));
  stdout.write(
    `${name.padEnd(32)}${own.toFixed(0).padStart(8)}${(parsed?.toFixed(0) ?? "").padStart(8)}` +
      `${loop.toFixed(0).padStart(8)}${(1000 / own).toFixed(2).padStart(10)}\n`,
  );
}

stdout.write(
  `${"MB/s of CPU".padEnd(32)}${["own", "parse", "loop"].map((head) => head.padStart(8)).join("")}` +
    "   ns/byte\n",
);
stdout.write("scanner\n");
for (const [name, body] of Object.entries({ ...usualBodies, ...hostileBodies }))
  line(`  ${name}`, body, () => new JsonScanner(visitor));
stdout.write("facts\n");
line("  search answer", search, () => answerReader("POST /_search"));
line("  … with watched fields", search, () => answerReader("POST /_search", watch));
line("  … with other fields watched", search, () => answerReader("POST /_search", otherWatch));
line("  bulk answer", bulk, () => answerReader("POST /_bulk"));
line("  bulk request", bulkRequest, () => requestReader("POST /_bulk"));
line("  bulk request, small documents", smallBulk, () => requestReader("POST /_bulk"));
for (const [name, body] of Object.entries(hostileBodies)) {
  line(`  search answer: ${name}`, body, () => answerReader("POST /_search", watch));
  line(`  search request: ${name}`, body, () => requestReader("POST /a/_search"));
}
for (const [name, body] of Object.entries(hostileAnswers))
  line(`  answer: ${name}`, body, () => answerReader("POST /_search"));
for (const [name, body] of Object.entries(hostileBulks))
  line(`  bulk: ${name}`, body, () => requestReader("POST /_bulk"));
