/** Options and variables of commands that ask an Elasticsearch: where it is, and as whom. */
import { Buffer } from "node:buffer";

import { readWholeFile } from "../../core/read-file.ts";
import type { ClusterOptions } from "../../audit/ship/cluster-client.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

/** How long an answer may take. Milliseconds. */
const timeoutMs = 60_000;

/** How the cluster is known. */
export const certificateOptions: readonly OptionSpec[] = [
  { name: "ca", value: "FILE", help: "Authorities for the server's certificate, PEM." },
  { name: "insecure", help: "Do not look at the server's certificate." },
];

/** For the help. */
export const credentialNotes =
  "Credentials stand in ES_API_KEY, or ES_TOKEN, or ES_USER and ES_PASSWORD.";

/**
 * The cluster that an option names, as one URL or several with commas between.
 *
 * @throws {UsageError} for values that are none
 */
export function clusterOf(
  command: string,
  option: string,
  line: CommandLine,
  environment: NodeJS.ProcessEnv,
): ClusterOptions {
  const text = line.value(option);
  if (text === undefined) throw new UsageError(command, `--${option} URL is missing`);
  const nodes = text.split(",").map((url) => checkedUrl(command, option, url));
  const authorization = authorizationOf(environment);
  const ca = line.value("ca");
  return {
    nodes,
    authorization: () => Promise.resolve(authorization),
    ca: ca === undefined ? undefined : authorities(command, ca),
    isInsecure: line.isGiven("insecure"),
    timeoutMs,
  };
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

/**
 * A URL of an Elasticsearch that an option gives.
 *
 * @throws {UsageError} for what is none, and for one with a password
 */
export function checkedUrl(command: string, option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new UsageError(command, `--${option} is a URL such as https://es:9200; got "${text}"`);
  if (url.username !== "" || url.password !== "")
    throw new UsageError(
      command,
      `credentials stand in ES_USER and ES_PASSWORD, not in --${option}`,
    );
  return text;
}

/** The certificates in a file. @throws {UsageError} when it cannot be read */
export function authorities(command: string, file: string): string {
  try {
    return readWholeFile(file).toString("utf8");
  } catch (error) {
    throw new UsageError(command, `--ca cannot be read: ${errorMessage(error)}`);
  }
}
