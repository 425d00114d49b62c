import type { Moment, StressResult } from "../harness/run.ts";

/** A run as it is kept. */
export interface StressReport {
  readonly takenAt: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly result: StressResult;
}

interface Series {
  readonly title: string;
  readonly unit: string;
  readonly valueOf: (moment: Moment) => number;
}

const series: readonly Series[] = [
  { title: "Requests per second", unit: "/s", valueOf: ({ completed }) => completed },
  { title: "Latency, 99th percentile", unit: " ms", valueOf: ({ p99Ms }) => p99Ms },
  {
    title: "Resident memory of the proxy",
    unit: " MiB",
    valueOf: ({ residentMiB }) => residentMiB,
  },
  {
    title: "Event-loop delay of the proxy, 99th percentile",
    unit: " ms",
    valueOf: ({ delayP99Ms }) => delayP99Ms,
  },
];
const width = 640;
const height = 160;
/** Seconds at the start and the end of which only a part belongs to the load. */
const edgeSeconds = 1;

/**
 * A run as one HTML page: no script, nothing loaded from elsewhere, readable in light and dark.
 *
 * @param accepted the run to compare with; absent: none was accepted
 */
export function stressPage(
  { takenAt, machine, result }: StressReport,
  accepted?: StressReport,
): string {
  const verdict =
    result.failures.length === 0
      ? '<p class="passed">passed</p>'
      : `<ul class="failed">${result.failures.map((text) => `<li>${escapeText(text)}</li>`).join("")}</ul>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>es-proxy under load: ${escapeText(result.scenario)}</title>
<style>${style}</style>
</head>
<body>
<h1>Under load: ${escapeText(result.scenario)}</h1>
<p>${escapeText(result.title)}; ${result.clients} clients, ${result.seconds.toFixed(0)} seconds, ${result.load.completed} requests.</p>
${verdict}
${figures(result, accepted)}
<h2>Latency distribution</h2>
<p>Each point: so many percent of the requests took no longer; the longest took ${longest(result)}.</p>
${distributionPlot(result, accepted?.result)}
${series.map((one) => `<h2>${one.title}</h2>\n${timePlot(one, result.moments, accepted?.result.moments)}`).join("\n")}
<h2>How it was taken</h2>
<dl><dt>taken</dt><dd>${escapeText(takenAt)}</dd>${Object.entries(machine)
    .map(([term, text]) => `<dt>${escapeText(term)}</dt><dd>${escapeText(text)}</dd>`)
    .join("")}</dl>
</body>
</html>
`;
}

function longest({ load }: StressResult): string {
  return `${(load.distribution.at(-1)?.[1] ?? 0).toFixed(1)} ms`;
}

/**
 * Mean and standard deviation over the seconds of a run: the noise that a comparison has to be seen
 * against.
 */
export function noiseOf(values: readonly number[]): {
  readonly mean: number;
  readonly deviation: number;
} {
  const inner =
    values.length > 2 * edgeSeconds + 1 ? values.slice(edgeSeconds, -edgeSeconds) : values;
  const mean = inner.reduce((sum, value) => sum + value, 0) / Math.max(1, inner.length);
  const variance =
    inner.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, inner.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

function figures(
  { moments, cpuMicroseconds, reconciled, load }: StressResult,
  accepted: StressReport | undefined,
): string {
  const old = accepted?.result;
  const rows = series.map(({ title, unit, valueOf }) =>
    row(
      title,
      unit,
      wholeSeconds(moments).map(valueOf),
      old && wholeSeconds(old.moments).map(valueOf),
    ),
  );
  const cpu =
    old === undefined
      ? ""
      : `<td>${old.cpuMicroseconds.toFixed(0)} µs</td><td>${changeText(cpuMicroseconds, old.cpuMicroseconds)}</td>`;
  return `<table><thead><tr><th></th><th>this run</th>${accepted === undefined ? "" : `<th>accepted, ${escapeText(accepted.takenAt.slice(0, 10))}</th><th>change</th>`}</tr></thead>
<tbody>${rows.join("\n")}
<tr><th scope="row">CPU time of the proxy per request</th><td>${cpuMicroseconds.toFixed(0)} µs</td>${cpu}</tr>
<tr><th scope="row">wrong answers</th><td>${load.problemCount}</td></tr>
<tr><th scope="row">requests on which load, audit and mock agree</th><td>${reconciled.agreed}</td></tr>
<tr><th scope="row">… and disagree</th><td>${reconciled.problemCount}</td></tr></tbody></table>
<p><small>± is the standard deviation from second to second; a change smaller than both is noise.</small></p>`;
}

function row(
  title: string,
  unit: string,
  values: readonly number[],
  old: readonly number[] | undefined,
): string {
  const text = ({ mean, deviation }: ReturnType<typeof noiseOf>): string =>
    `${mean.toFixed(1)} ± ${deviation.toFixed(1)}${unit}`;
  const now = noiseOf(values);
  const before = old === undefined ? undefined : noiseOf(old);
  const isNoise =
    before !== undefined && Math.abs(now.mean - before.mean) < now.deviation + before.deviation;
  const more =
    before === undefined
      ? ""
      : `<td>${text(before)}</td><td>${changeText(now.mean, before.mean)}${isNoise ? " (noise)" : ""}</td>`;
  return `<tr><th scope="row">${title}</th><td>${text(now)}</td>${more}</tr>`;
}

function changeText(now: number, before: number): string {
  if (before === 0) return "–";
  const percent = 100 * (now / before - 1);
  return `${percent > 0 ? "+" : ""}${percent.toFixed(1)} %`;
}

function timePlot(
  { unit, valueOf }: Series,
  moments: readonly Moment[],
  old: readonly Moment[] | undefined,
): string {
  const points = (list: readonly Moment[]): [number, number][] =>
    wholeSeconds(list).map((moment) => [moment.second, valueOf(moment)]);
  const [now, before] = [points(moments), old === undefined ? [] : points(old)];
  const last = Math.max(1, ...[...now, ...before].map(([second]) => second));
  const seconds = ticksTo(last).filter((second) => second <= last);
  return plot(
    { points: now, old: before, ticksX: seconds.map((at) => [at, `${at} s`]), mostX: last },
    unit,
  );
}

/** The load ends within a second: what that second counts is no second's worth. */
function wholeSeconds(moments: readonly Moment[]): readonly Moment[] {
  return moments.filter((moment, at) => moment.second !== moments[at - 1]?.second);
}

/** Percentiles are spread so that the last thousandth is as wide as the first half. */
function distributionPlot({ load }: StressResult, old: StressResult | undefined): string {
  const spread = (percentile: number): number =>
    -Math.log10(Math.max(1e-4, 1 - Math.min(percentile, 99.99) / 100));
  // The longest of all has no place on this scale: the page says it in words.
  const points = (list: StressResult["load"]["distribution"]): [number, number][] =>
    list
      .filter(([percentile]) => percentile < 100)
      .map(([percentile, ms]) => [spread(percentile), ms]);
  return plot(
    {
      points: points(load.distribution),
      old: old === undefined ? [] : points(old.load.distribution),
      ticksX: [0, 50, 90, 99, 99.9, 99.99].map((at) => [spread(at), `p${at}`]),
      mostX: spread(99.99),
    },
    " ms",
  );
}

interface Plot {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Those of the accepted run; empty: there is none. */
  readonly old: readonly (readonly [x: number, y: number])[];
  readonly ticksX: readonly (readonly [x: number, label: string])[];
  readonly mostX: number;
}

function plot({ points, old, ticksX, mostX }: Plot, unit: string): string {
  const ticksY = ticksTo(Math.max(1e-9, ...[...points, ...old].map(([, y]) => y)));
  const mostY = ticksY.at(-1) ?? 1;
  const placeX = (x: number): string => ((x / mostX) * width).toFixed(1);
  const placeY = (y: number): string => (height - (y / mostY) * height).toFixed(1);
  const line = (list: Plot["points"], name: string): string =>
    list.length === 0
      ? ""
      : `<polyline class="${name}" points="${list.map(([x, y]) => `${placeX(x)},${placeY(y)}`).join(" ")}"/>`;
  const marksX = ticksX.map(
    ([x, label]) =>
      `<path class="tick" d="M${placeX(x)} ${height}v4"/>` +
      `<text x="${placeX(x)}" y="${height + 16}" text-anchor="middle">${escapeText(label)}</text>`,
  );
  const marksY = ticksY.map(
    (y) =>
      `<path class="grid" d="M0 ${placeY(y)}H${width}"/>` +
      `<text x="-6" y="${Number(placeY(y)) + 4}" text-anchor="end">` +
      `${escapeText(`${y.toLocaleString("en")}${unit}`)}</text>`,
  );
  return (
    `<svg viewBox="-90 -10 ${width + 120} ${height + 34}" role="img">` +
    `${marksY.join("")}${marksX.join("")}${line(old, "old")}${line(points, "now")}</svg>`
  );
}

/** Round numbers from 0 up to the first one at or above `most`: steps of 1, 2 or 5 times 10^n. */
function ticksTo(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  // 3 × 0.1 is not 0.3 in binary.
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Text for element content and for attribute values in double quotes. */
function escapeText(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --own: #0b7a75; --other: #8a8f98; --line: #8886; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
td { text-align: right; white-space: nowrap; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: currentColor; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.now { stroke: var(--own); } .old { stroke: var(--other); stroke-dasharray: 4 3; }
.grid, .tick { stroke: var(--line); fill: none; }
.passed { color: #1a8a4c; font-weight: 600; } .failed { color: #c5303c; font-weight: 600; }
small { opacity: .7; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; }
`;
