import type {
  PeerResult,
  RateAndLatency,
  RoundSample,
  ScenarioResult,
  Verdict,
} from "../bench/results.ts";
import { cpuRatio, disturbanceText, medianLatency } from "../bench/results.ts";
import type { Spread } from "../bench/statistics.ts";
import { spreadOf } from "../bench/statistics.ts";
import { isUpperBound } from "../bench/targets.ts";

const bulkyBytes = 10_000;

/** The figures of one scenario as a table for the terminal. */
export function scenarioTable(result: ScenarioResult): string {
  const rounds = result.peers[0]?.rounds.length ?? 0;
  const columns = columnsOf(result);
  const rows = [
    ["peer", ...columns.map((column) => column.title)],
    ...result.peers.map((peer) => [peer.name, ...columns.map((column) => column.cell(peer))]),
  ];
  const absences = result.absent.map(({ name, reason }) => `  absent: ${name} (${reason})`);
  return [
    `\n${result.name}: ${result.title}`,
    `${rounds} rounds of ${result.requestsPerRound} requests, medians; ratios are taken within each round`,
    disturbanceText(result),
    ...align(rows),
    ...absences,
  ].join("\n");
}

/** Each bar, beside the median of what was measured and its spread. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ target, ratio, holds, reason }) => [
    holds === undefined ? "not compared" : holds ? "holds" : "MISSED",
    target.scenario,
    `${target.peer} / ${target.base}`,
    `${target.figure} ${isUpperBound(target) ? "≤" : "≥"} ${target.bound.toFixed(2)}`,
    ratio === undefined
      ? (reason ?? "")
      : `${ratio.median.toFixed(3)} (${ratio.min.toFixed(2)}..${ratio.max.toFixed(2)})`,
  ]);
  return [
    "\ntargets: median of the rounds' ratios (least..most)",
    ...align([["", "scenario", "ratio", "target", "measured"], ...rows]),
  ].join("\n");
}

interface Column {
  readonly title: string;
  readonly cell: (peer: PeerResult) => string;
}

/** Columns that say something for this scenario: bytes only where they are what is moved. */
function columnsOf(result: ScenarioResult): Column[] {
  const bytes = result.bytesPerRequest;
  const ratio = (peer: PeerResult): Spread | undefined => cpuRatio(result, peer.name, result.base);
  const columns: Column[] = [
    { title: "µs CPU/request", cell: (peer) => cpuOf(peer).median.toFixed(1) },
    { title: "min..max", cell: (peer) => rangeText(cpuOf(peer), 1) },
    { title: `× ${result.base}`, cell: (peer) => ratio(peer)?.median.toFixed(3) ?? "-" },
    { title: "min..max", cell: (peer) => rangeText(ratio(peer), 2) },
    {
      title: "requests/s",
      cell: (peer) => medianOf(peer, (sample) => sample.requestsPerSecond).toFixed(0),
    },
    { title: "p50 ms", cell: (peer) => medianOf(peer, (sample) => sample.p50Ms).toFixed(2) },
    { title: "p99 ms", cell: (peer) => medianOf(peer, (sample) => sample.p99Ms).toFixed(2) },
    { title: "MiB", cell: (peer) => peer.residentMiB.toFixed(0) },
  ];
  if (result.peers.some((peer) => peer.diskBytesPerRequest !== undefined))
    columns.push({
      title: "bytes on disk",
      cell: (peer) => peer.diskBytesPerRequest?.toFixed(0) ?? "-",
    });
  if (bytes >= bulkyBytes) {
    const rate = (peer: PeerResult): number =>
      (medianOf(peer, (sample) => sample.requestsPerSecond) * bytes) / 1e6;
    columns.push({ title: "MB/s", cell: (peer) => rate(peer).toFixed(0) });
    columns.push({
      title: "ns/byte",
      cell: (peer) => ((cpuOf(peer).median * 1000) / bytes).toFixed(3),
    });
  }
  const rate = result.peers
    .map(medianLatency)
    .find((latency) => latency !== undefined)?.requestsPerSecond;
  if (rate !== undefined) {
    columns.push({
      title: `p50/p99 at ${rate}/s`,
      cell: (peer) => percentileText(medianLatency(peer)),
    });
    columns.push({
      title: "autocannon: /s",
      cell: ({ autocannon }) => autocannon?.requestsPerSecond.toFixed(0) ?? "-",
    });
    columns.push({ title: "p50/p99", cell: ({ autocannon }) => percentileText(autocannon) });
  }
  if (result.peers.some((peer) => peer.retriesPerRequest !== undefined)) {
    columns.push({
      title: "retries/request",
      cell: (peer) => (peer.retriesPerRequest ?? 0).toFixed(2),
    });
  }
  return columns;
}

function cpuOf(peer: PeerResult): Spread {
  return spreadOf(peer.rounds.map((sample) => sample.cpuMicroseconds));
}

function medianOf(peer: PeerResult, pick: (sample: RoundSample) => number): number {
  return spreadOf(peer.rounds.map(pick)).median;
}

function rangeText(spread: Spread | undefined, digits: number): string {
  return spread === undefined
    ? "-"
    : `${spread.min.toFixed(digits)}..${spread.max.toFixed(digits)}`;
}

function percentileText(figures: RateAndLatency | undefined): string {
  return figures === undefined ? "-" : `${figures.p50Ms.toFixed(2)}/${figures.p99Ms.toFixed(2)}`;
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
  );
}
