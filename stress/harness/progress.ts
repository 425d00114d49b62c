import type { Moment, StressResult } from "./run.ts";

/** One second in one line: rate, latency, errors, the proxy's memory and event loop. */
export function momentLine(moment: Moment): string {
  const { second, completed, p50Ms, p99Ms, problems, residentMiB, delayP99Ms, delayMaxMs } = moment;
  return [
    `${String(second).padStart(4)} s`,
    `${String(completed).padStart(6)} requests/s`,
    `p50 ${p50Ms.toFixed(1).padStart(6)} ms`,
    `p99 ${p99Ms.toFixed(1).padStart(7)} ms`,
    `${problems} wrong`,
    `${residentMiB.toFixed(0)} MiB`,
    `event loop p99 ${delayP99Ms.toFixed(1)} ms, longest ${delayMaxMs.toFixed(1)} ms`,
  ].join("  ");
}

/** What a run found, for the terminal. */
export function resultLines(result: StressResult): string[] {
  const { load, requestsPerSecond, cpuMicroseconds, moments, reconciled, failures } = result;
  const at = (wanted: number): string =>
    (load.distribution.find(([percentile]) => percentile === wanted)?.[1] ?? 0).toFixed(1);
  const memory = moments.map(({ residentMiB }) => residentMiB);
  const delay = Math.max(0, ...moments.map(({ delayMaxMs }) => delayMaxMs));
  return [
    `${load.completed} requests, ${requestsPerSecond.toFixed(0)}/s; ${load.excused} ended badly on purpose; ${load.problemCount} wrong answers`,
    `latency p50 ${at(50)} ms, p99 ${at(99)} ms, longest ${at(100)} ms`,
    `proxy: ${cpuMicroseconds.toFixed(0)} µs CPU per request, ${(memory[0] ?? 0).toFixed(0)} to ${Math.max(0, ...memory).toFixed(0)} MiB resident, longest event-loop delay ${delay.toFixed(1)} ms`,
    `load, audit and mock agree on ${reconciled.agreed} requests, disagree on ${reconciled.problemCount}; ${reconciled.records} records read`,
    ...failures.map((failure) => `FAILED: ${failure}`),
    ...(failures.length === 0 ? ["passed"] : []),
  ];
}
