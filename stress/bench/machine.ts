import { cpus, loadavg, release, totalmem, type } from "node:os";

/**
 * The computer and its load at the start, for the report: absolute figures mean nothing without
 * them.
 */
export function describeMachine(): Record<string, string> {
  const processors = cpus();
  return {
    processor: `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    "load before the run": loadavg()
      .map((load) => load.toFixed(2))
      .join(" "),
  };
}
