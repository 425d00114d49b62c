import type { BenchResult, PeerResult, ScenarioResult, Verdict } from "../bench/results.ts";
import { cpuRatio, disturbanceText, medianLatency } from "../bench/results.ts";
import type { Spread } from "../bench/statistics.ts";
import { spreadOf } from "../bench/statistics.ts";
import { isUpperBound } from "../bench/targets.ts";

/**
 * The figures of a run as one HTML page with bars: no script, nothing loaded from elsewhere,
 * readable in light and dark.
 *
 * The bars show CPU time per request, the thin line its range over the rounds; all other figures
 * stand beside them.
 */
export function htmlPage(result: BenchResult): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>es-proxy: CPU time per request</title>
<style>${style}</style>
</head>
<body>
<h1>CPU time per request</h1>
<p>Proxies measured in turn in one run. Only the ratios carry over to another computer; the whiskers are the
least and the most of the rounds.</p>
${verdictTable(result.verdicts)}
${result.scenarios.map(scenarioSection).join("\n")}
<h2>How it was taken</h2>
<dl>${definition("taken", result.takenAt)}${definition("command", result.command)}${Object.entries(
    result.machine,
  )
    .map(([term, text]) => definition(term, text))
    .join("")}</dl>
</body>
</html>
`;
}

function verdictTable(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return "";
  const rows = verdicts.map(({ target, ratio, holds, reason }) => {
    const outcome = holds === undefined ? "not compared" : holds ? "holds" : "missed";
    const sign = isUpperBound(target) ? "≤" : "≥";
    const measured =
      ratio === undefined ? (reason ?? "") : `${ratio.median.toFixed(3)} (${rangeText(ratio, 2)})`;
    const cells = [
      target.scenario,
      `${target.peer} / ${target.base}`,
      `${target.figure} ${sign} ${target.bound.toFixed(2)}`,
      measured,
    ];
    return `<tr class="${outcome.replace(" ", "-")}"><td>${outcome}</td>${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join("")}</tr>`;
  });
  return `<h2>Targets</h2>
<table><thead><tr><th></th><th>scenario</th><th>ratio</th><th>target</th><th>measured</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>`;
}

function scenarioSection(result: ScenarioResult): string {
  const rounds = result.peers[0]?.rounds.length ?? 0;
  const widest = Math.max(0, ...result.peers.map((peer) => cpuOf(peer).max));
  const absences = result.absent
    .map(({ name, reason }) => `<li>${escapeText(`${name}: ${reason}`)}</li>`)
    .join("");
  return `<h2>${escapeText(result.name)}</h2>
<p>${escapeText(result.title)}. ${rounds} rounds of ${result.requestsPerRound} requests;
${disturbanceText(result)}.</p>
<table class="figures"><thead><tr><th>peer</th><th class="bar-column">µs CPU per request</th><th>× ${escapeText(result.base)}</th><th>requests/s</th>
<th>p50 ms</th><th>p99 ms</th><th>MB/s</th><th>MiB resident</th><th>at a fixed rate: p50 / p99 ms</th><th>autocannon: requests/s</th></tr></thead>
<tbody>${result.peers.map((peer) => peerRow(result, peer, widest)).join("\n")}</tbody></table>
${absences === "" ? "" : `<p>Absent:</p><ul>${absences}</ul>`}`;
}

function peerRow(result: ScenarioResult, peer: PeerResult, widest: number): string {
  const ratio = cpuRatio(result, peer.name, result.base);
  const rate = spreadOf(peer.rounds.map((sample) => sample.requestsPerSecond)).median;
  const fixed = medianLatency(peer);
  const cells = [
    ratio === undefined ? "–" : `${ratio.median.toFixed(2)} <small>${rangeText(ratio, 2)}</small>`,
    rate.toFixed(0),
    spreadOf(peer.rounds.map((sample) => sample.p50Ms)).median.toFixed(2),
    spreadOf(peer.rounds.map((sample) => sample.p99Ms)).median.toFixed(2),
    ((rate * result.bytesPerRequest) / 1e6).toFixed(1),
    peer.residentMiB.toFixed(0),
    fixed === undefined
      ? "–"
      : `${fixed.p50Ms.toFixed(2)} / ${fixed.p99Ms.toFixed(2)} <small>${fixed.requestsPerSecond}/s</small>`,
    peer.autocannon === undefined ? "–" : peer.autocannon.requestsPerSecond.toFixed(0),
  ];
  const kind = peer.name.startsWith("es-proxy") ? ' class="own"' : "";
  const title = escapeText(`${peer.description}, ${peer.version}`);
  return `<tr${kind}><th scope="row" title="${title}">${escapeText(peer.name)}</th><td class="bar-column">${bar(cpuOf(peer), widest)}</td>
${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

/**
 * A bar for the median with a whisker from least to most, in per cent of the scenario's largest
 * value.
 */
function bar(spread: Spread, widest: number): string {
  const percent = (value: number): string => `${((100 * value) / widest).toFixed(2)}%`;
  const whisker = `left:${percent(spread.min)};width:${percent(spread.max - spread.min)}`;
  return `<span class="track"><span class="bar" style="width:${percent(spread.median)}"></span><span class="whisker" style="${whisker}"></span></span>
<span class="value">${spread.median.toFixed(1)}</span>`;
}

function cpuOf(peer: PeerResult): Spread {
  return spreadOf(peer.rounds.map((sample) => sample.cpuMicroseconds));
}

function rangeText(spread: Spread, digits: number): string {
  return `${spread.min.toFixed(digits)}..${spread.max.toFixed(digits)}`;
}

function definition(term: string, text: string): string {
  return `<dt>${escapeText(term)}</dt><dd>${escapeText(text)}</dd>`;
}

/** Text for element content and for attribute values in double quotes. */
function escapeText(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --own: #0b7a75; --other: #8a8f98; --line: #8886; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 78rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
thead th { font-size: .85em; opacity: .75; vertical-align: bottom; }
.figures td:nth-child(n + 3), .figures thead th:nth-child(n + 3) { text-align: right; white-space: nowrap; }
.own th { font-weight: 600; }
.bar-column { width: 34%; }
td.bar-column { white-space: nowrap; }
.track { display: inline-block; position: relative; width: calc(100% - 4.5em); height: 1.1em; vertical-align: middle; }
.bar { display: block; height: 100%; background: var(--other); border-radius: 2px; }
.own .bar { background: var(--own); }
.whisker { position: absolute; top: 50%; height: 0; border-top: 2px solid currentColor; opacity: .55; }
.value { display: inline-block; width: 4em; text-align: right; }
small { opacity: .7; }
.holds td:first-child { color: #1a8a4c; font-weight: 600; }
.missed td:first-child { color: #c5303c; font-weight: 600; }
.not-compared { opacity: .65; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem; }
`;
