/** Options of `audit replay`: where requests go, as whom, and how fast. */
import { readFileSync } from "node:fs";

import { ReplayTarget } from "../../audit/export/replay-target.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
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
  { name: "ca", value: "FILE", help: "Authorities for the server's certificate, PEM." },
  { name: "insecure", help: "Do not look at the server's certificate." },
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
  const url = checkedUrl(command, line.value("to"));
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

/**
 * The value of `Authorization`: of `ES_API_KEY` (as Elasticsearch encodes it, or `id:key`), else of
 * `ES_TOKEN`, else of `ES_USER` and `ES_PASSWORD`; `undefined`: none is set.
 */
export function authorizationOf(environment: NodeJS.ProcessEnv): string | undefined {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const [key, token, user] = ["ES_API_KEY", "ES_TOKEN", "ES_USER"].map(set);
  if (key !== undefined) return `ApiKey ${key.includes(":") ? base64(key) : key}`;
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined) return undefined;
  return `Basic ${base64(`${user}:${set("ES_PASSWORD") ?? ""}`)}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function concurrencyOf(command: string, line: CommandLine): number {
  const text = line.value("concurrency") ?? usualConcurrency;
  return wholeNumber(command, "concurrency", text, 1);
}

function checkedUrl(command: string, text: string | undefined): string {
  if (text === undefined) throw new UsageError(command, "--to URL is missing: where to?");
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new UsageError(command, `--to is a URL such as https://es-new:9200; got "${text}"`);
  if (url.username !== "" || url.password !== "")
    throw new UsageError(command, "credentials stand in ES_USER and ES_PASSWORD, not in --to");
  return text;
}

function authorities(command: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(command, `--ca cannot be read: ${errorMessage(error)}`);
  }
}
