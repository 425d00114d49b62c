/**
 * Writes a trail of any size with the proxy's own writer, and beside it `DIRECTORY.ledger.json`,
 * which says what is in it: counts by user, index, action and status, every sighting of some
 * documents, and some exchanges by id.
 *
 * Usage: node stress/trail/main.ts DIRECTORY [--megabytes 1000] [--seed 1] [--workers 1]
 *   [--format ecs|text] [--segment-megabytes 256] [--rate 5000]
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";

import { generateTrail } from "./generate-trail.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "1" },
    format: { type: "string", default: "ecs" },
    "segment-megabytes": { type: "string", default: "256" },
    rate: { type: "string", default: "5000" },
  },
});
const [directory] = positionals;
if (directory === undefined) {
  stderr.write("usage: node stress/trail/main.ts DIRECTORY [--megabytes 1000] [--seed 1]\n");
  process.exit(2);
}
if (existsSync(directory) && readdirSync(directory).length > 0) {
  stderr.write(`${directory} is not empty\n`);
  process.exit(2);
}
const startMs = performance.now();
const ledger = await generateTrail(directory, {
  bytes: Number(values.megabytes) * 1e6,
  seed: Number(values.seed),
  workers: Number(values.workers),
  format: values.format === "text" ? "text" : "ecs",
  rotateBytes: Number(values["segment-megabytes"]) * 1_048_576,
  rate: Number(values.rate),
  onProgress: (bytes, exchanges) => {
    if (stderr.isTTY) stderr.write(`\r${(bytes / 1e6).toFixed(0)} MB, ${exchanges} exchanges`);
  },
});
writeFileSync(`${directory}.ledger.json`, `${JSON.stringify(ledger)}\n`);
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
stdout.write(`${ledger.exchanges} exchanges, ${ledger.documentUses} documents, ${seconds} s\n`);
