/** What a run of the benchmark says, in five sentences for people. */
import type { BenchResult, ScenarioResult } from "../bench/results.ts";
import { cpuRatio, foreignShareOf, noisyShare } from "../bench/results.ts";
import type { Spread } from "../bench/statistics.ts";
import { spreadOf } from "../bench/statistics.ts";

/** Five sentences; what was not measured is said to be so. */
export function sentences(result: BenchResult): string[] {
  return [
    `Without audit a small request costs ${comparison(result, "small", "es-proxy", "nginx")}` +
      `${and(result, "small", "es-proxy", "bare-relay", "a bare relay of Node sockets")}.`,
    "With everything recorded, a search with its answer costs " +
      `${comparison(result, "search", "es-proxy-audit", "nginx-json")}, which logs no answers` +
      `${diskText(result)}.`,
    "Large bodies, recorded: an answer of 256 KiB costs " +
      `${comparison(result, "answer", "es-proxy-audit", "nginx")} without a log, an upload of ` +
      `64 KiB ${comparison(result, "upload", "es-proxy-audit", "nginx-json")}.`,
    "Among proxies in Node and Rust a small request costs " +
      `${comparison(result, "small", "es-proxy", "http-proxy-3")}, ` +
      `${comparison(result, "small", "es-proxy", "node-undici")} and ` +
      `${comparison(result, "small", "es-proxy", "ferrum")}.`,
    noiseText(result),
  ];
}

/** The ratio of two peers in words, such as `1.31 times (1.22 to 1.40) what nginx costs`. */
export function ratioText(ratio: Spread): string {
  const [median, min, max] = [ratio.median, ratio.min, ratio.max].map((value) => value.toFixed(2));
  return `${median} (${min} to ${max})`;
}

/** The ratio of the CPU time of two peers in a scenario; undefined: one of them did not run. */
export function ratioIn(
  result: BenchResult,
  scenario: string,
  peer: string,
  base: string,
): Spread | undefined {
  const found = result.scenarios.find(({ name }) => name === scenario);
  return found === undefined ? undefined : cpuRatio(found, peer, base);
}

function comparison(result: BenchResult, scenario: string, peer: string, base: string): string {
  const ratio = ratioIn(result, scenario, peer, base);
  return ratio === undefined
    ? `(not measured beside ${base})`
    : `${ratioText(ratio)} times what it costs in ${base}`;
}

function and(
  result: BenchResult,
  scenario: string,
  peer: string,
  base: string,
  words: string,
): string {
  const ratio = ratioIn(result, scenario, peer, base);
  return ratio === undefined ? "" : `, and ${ratioText(ratio)} times ${words}`;
}

function diskText(result: BenchResult): string {
  const search = result.scenarios.find(({ name }) => name === "search");
  const bytesOf = (name: string): number | undefined =>
    search?.peers.find((peer) => peer.name === name)?.diskBytesPerRequest;
  const [ours, theirs] = [bytesOf("es-proxy-audit"), bytesOf("nginx-json")];
  return ours === undefined || theirs === undefined
    ? ""
    : `, and takes ${ours.toFixed(0)} bytes on disk beside ${theirs.toFixed(0)}`;
}

function noiseText({ scenarios }: BenchResult): string {
  const widths = scenarios.flatMap(widthsOf);
  if (widths.length === 0) return "No peer ran beside the base of its scenario.";
  const width = spreadOf(widths).median;
  const foreign = spreadOf(scenarios.map(foreignShareOf)).median;
  const advice =
    foreign < noisyShare
      ? "differences below that are noise"
      : "repeat on a quiet computer before you believe any difference below that";
  return (
    `Half of the rounds lie within ${(100 * width).toFixed(0)} % of their median, and other ` +
    `programs used ${(100 * foreign).toFixed(0)} % of the computer: ${advice}.`
  );
}

/** For each ratio to the scenario's base how far half of its rounds are from the median. */
function widthsOf(result: ScenarioResult): number[] {
  const base = result.peers.find(({ name }) => name === result.base);
  if (base === undefined) return [];
  return result.peers
    .filter((peer) => peer !== base)
    .map(({ rounds }) => {
      const ratios = rounds.map(
        ({ cpuMicroseconds }, at) =>
          cpuMicroseconds / (base.rounds[at]?.cpuMicroseconds ?? Number.NaN),
      );
      const { median } = spreadOf(ratios);
      return spreadOf(ratios.map((ratio) => Math.abs(ratio / median - 1))).median;
    });
}
