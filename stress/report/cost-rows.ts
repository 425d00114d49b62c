/** The rows of the README that say what the proxy costs, made from a run of the benchmark. */
import type { BenchResult } from "../bench/results.ts";
import { foreignShareOf } from "../bench/results.ts";
import { scenarios } from "../bench/scenarios.ts";
import { spreadOf } from "../bench/statistics.ts";
import { ratioIn, ratioText } from "./sentences.ts";

const title = "\n## What it costs\n";

/**
 * The README with the rows of this run as its section on cost.
 *
 * @throws {Error} when there is no such section, or the run lacks a peer or a scenario of the rows
 */
export function withCostRows(readme: string, result: BenchResult): string {
  const from = readme.indexOf(title) + title.length;
  const to = readme.indexOf("\n## ", from);
  if (from < title.length || to === -1)
    throw new Error(`the README has no section "${title.trim()}" with another behind it`);
  return `${readme.slice(0, from)}\n${costRows(result)}\n${readme.slice(to)}`;
}

function costRows(result: BenchResult): string {
  const { machine, takenAt } = result;
  const rounds = result.scenarios[0]?.peers[0]?.rounds.length ?? 0;
  const foreign = spreadOf(result.scenarios.map(foreignShareOf)).median;
  const rows: readonly (readonly [string, string])[] = [
    ["nginx without a log, es-proxy without audit", cell(result, "small", "es-proxy", "nginx")],
    [
      "nginx with a JSON log of the body, everything recorded",
      `${cell(result, "search", "es-proxy-audit", "nginx-json")}; uploads of 64 KiB ` +
        cell(result, "upload", "es-proxy-audit", "nginx-json"),
    ],
    [
      "a proxy of node:http and undici; http-proxy-3",
      `${cell(result, "small", "es-proxy", "node-undici")}; ` +
        cell(result, "small", "es-proxy", "http-proxy-3"),
    ],
    ...ferrumRow(result),
  ];
  return [
    `CPU per request, median and range of ${rounds} rounds on ${takenAt.slice(0, 10)}, ` +
      (machine["processor"] ?? "unknown"),
    `(others used ${(100 * foreign).toFixed(0)} %), Node ${machine["node"] ?? ""}. ` +
      '[Method](stress/README.md); yours: `make bench BENCH="--quick"`.',
    "",
    "| compared with | times its CPU |",
    "|---|---|",
    ...rows.map(([base, ratio]) => `| ${base} | ${ratio} |`),
  ].join("\n");
}

/** Medians of ferrum's four scenarios; no row where ferrum did not run in each of them. */
function ferrumRow(result: BenchResult): (readonly [string, string])[] {
  const names = scenarios.filter(({ isFerrums }) => isFerrums).map(({ name }) => name);
  const medians = ["es-proxy", "es-proxy-audit"].map((peer) =>
    names.flatMap((name) => ratioIn(result, name, peer, "ferrum")?.median.toFixed(2) ?? []),
  );
  const [plain = [], recorded = []] = medians;
  if (plain.length < names.length || recorded.length < names.length) return [];
  const text = `${plain.join(", ")}; everything recorded ${recorded.join(", ")}`;
  return [
    [`ferrum-proxy (Rust) in its own ${names.map((name) => `\`${name}\``).join(", ")}`, text],
  ];
}

function cell(result: BenchResult, scenario: string, peer: string, base: string): string {
  const ratio = ratioIn(result, scenario, peer, base);
  if (ratio === undefined) throw new Error(`the run has no ${peer} beside ${base} in ${scenario}`);
  return ratioText(ratio);
}
