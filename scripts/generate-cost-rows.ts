/**
 * Writes the README's rows on cost from the figures of a run of the benchmark.
 *
 * Usage: node scripts/generate-cost-rows.ts [stress/results/bench.json]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "../stress/bench/results.ts";
import { withCostRows } from "../stress/report/cost-rows.ts";
import { readCommandLine } from "./command-line.ts";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const { positionals } = readCommandLine(
  `Writes the README's rows on cost from the figures of a run of the benchmark.

  node scripts/generate-cost-rows.ts [FILE]    default stress/results/bench.json

  FERRUM=path/of/ferrum-proxy make bench
  node scripts/generate-cost-rows.ts stress/results/bench.json
`,
  {},
  1,
);
const figures =
  positionals[0] ?? fileURLToPath(new URL("../stress/results/bench.json", import.meta.url));

const result = JSON.parse(readFileSync(figures, "utf8")) as BenchResult;
writeFileSync(readme, withCostRows(readFileSync(readme, "utf8"), result));
