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

import { generateTrail } from "./generate-trail.ts";
import { numberOf, oneOf, readCommandLine } from "../../scripts/command-line.ts";

const { values, positionals } = readCommandLine(
  `Writes a trail of any size with the proxy's own writer, and DIRECTORY.ledger.json about it.

  node stress/trail/main.ts DIRECTORY [options]

  --megabytes N            of records (default 1000)
  --seed N                 default 1
  --workers N              whose journals there are (default 1)
  --format ecs|text        default ecs
  --segment-megabytes N    of a segment (default 256)
  --rate N                 exchanges a second of the time that they tell (default 5000)

  node stress/trail/main.ts /tmp/trail --megabytes 100
`,
  {
    megabytes: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "1" },
    format: { type: "string", default: "ecs" },
    "segment-megabytes": { type: "string", default: "256" },
    rate: { type: "string", default: "5000" },
  },
  1,
);
const [directory] = positionals;
if (directory === undefined) {
  stderr.write("DIRECTORY is missing (--help tells what there is)\n");
  process.exit(2);
}
if (existsSync(directory) && readdirSync(directory).length > 0) {
  stderr.write(`${directory} is not empty\n`);
  process.exit(2);
}
const startMs = performance.now();
const ledger = await generateTrail(directory, {
  bytes: numberOf(values.megabytes, "--megabytes", 1000, 0) * 1e6,
  seed: numberOf(values.seed, "--seed", 1, 0),
  workers: numberOf(values.workers, "--workers", 1),
  format: oneOf(values.format, "--format", ["ecs", "text"]) === "text" ? "text" : "ecs",
  rotateBytes: numberOf(values["segment-megabytes"], "--segment-megabytes", 256) * 1_048_576,
  rate: numberOf(values.rate, "--rate", 5000),
  onProgress: (bytes, exchanges) => {
    if (stderr.isTTY) stderr.write(`\r${(bytes / 1e6).toFixed(0)} MB, ${exchanges} exchanges`);
  },
});
writeFileSync(`${directory}.ledger.json`, `${JSON.stringify(ledger)}\n`);
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
stdout.write(`${ledger.exchanges} exchanges, ${ledger.documentUses} documents, ${seconds} s\n`);
