/** Options of `audit replay`: where requests go, as whom, and how fast. */
import { ReplayTarget } from "../../audit/export/replay-target.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
import { authorities, authorizationOf, certificateOptions, checkedUrl } from "./cluster-options.ts";
import { wholeNumber } from "./option-values.ts";

const usualConcurrency = "4";
/** Elasticsearch itself has no limit; most clients wait so long. Seconds. */
const usualTimeout = "60";

/** The options. */
export const sendingOptions: readonly OptionSpec[] = [
  { name: "to", value: "URL", help: "Where to: https://es-new:9200." },
  { name: "writes", help: "Also what may change something; otherwise reads only." },
  {
    name: "concurrency",
    value: "N",
    help: `Requests under way at a time; default: ${usualConcurrency}.`,
  },
  { name: "rate", value: "N", help: "Requests a second, at most." },
  { name: "speed", value: "X", help: "1: with the recorded distances in time; 2: twice as fast." },
  { name: "timeout", value: "SECONDS", help: `For an answer; default: ${usualTimeout}.` },
  ...certificateOptions,
];

/** How requests are sent. */
export interface Sending {
  readonly concurrency: number;
  readonly rate: number;
  readonly speed: number;
}

/** Reads how requests are sent. @throws {UsageError} for values that are none */
export function sendingOf(command: string, line: CommandLine): Sending {
  const rate = line.value("rate");
  const speed = line.value("speed");
  if (speed !== undefined && !(Number(speed) > 0 && Number.isFinite(Number(speed))))
    throw new UsageError(command, `--speed is a number above 0; got "${speed}"`);
  return {
    concurrency: concurrencyOf(command, line),
    rate: rate === undefined ? Infinity : wholeNumber(command, "rate", rate, 1),
    speed: speed === undefined ? Infinity : Number(speed),
  };
}

/**
 * Makes the target; connects with the first request.
 *
 * @param environment has the credentials
 * @throws {UsageError} for a URL that is none, and one with a password
 */
export function targetOf(
  command: string,
  line: CommandLine,
  environment: NodeJS.ProcessEnv,
): ReplayTarget {
  const to = line.value("to");
  if (to === undefined) throw new UsageError(command, "--to URL is missing: where to?");
  const url = checkedUrl(command, "to", to);
  const timeout = wholeNumber(command, "timeout", line.value("timeout") ?? usualTimeout, 1);
  const caFile = line.value("ca");
  return new ReplayTarget({
    url,
    authorization: authorizationOf(environment),
    ca: caFile === undefined ? undefined : authorities(command, caFile),
    isInsecure: line.isGiven("insecure"),
    connections: concurrencyOf(command, line),
    timeoutMs: timeout * 1000,
  });
}

function concurrencyOf(command: string, line: CommandLine): number {
  const text = line.value("concurrency") ?? usualConcurrency;
  return wholeNumber(command, "concurrency", text, 1);
}
