import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { parseFault, parseFaultRule } from "./faults/fault.ts";
import { defaultPort, type MockEsOptions } from "./options.ts";
import { isProfileName } from "./profile.ts";

/** What `mock-es --help` prints. */
export const helpText = `mock-es: a mock Elasticsearch that keeps what it is given, in memory

Usage: mock-es [options]

Options:
  --port NUMBER           port to listen on; 0 takes a free one          [default: ${defaultPort}]
  --nodes NUMBER          nodes, each on a port of its own from --port on [default: 1]
  --node-attribute NAME=VALUE
                          node.attr.NAME of the nodes; may be repeated
  --host ADDRESS          address to listen on                           [default: 127.0.0.1]
  --profile es9|seed      which Elasticsearch is spoken                  [default: es9]
  --control-port NUMBER   open the control endpoint (faults, recorder)   [default: none]
  --tls-cert PATH         certificate (PEM); with --tls-key: HTTPS only
  --tls-key PATH          private key (PEM)
  --user NAME:PASSWORD    require Basic authentication; may be repeated
  --api-key BASE64        accept this API key; may be repeated
  --security              users, roles, API keys; privileges are checked  [default: off]
  --elastic-password PASSWORD
                          of the user elastic, with --security           [default: ELASTIC_PASSWORD, or made and printed]
  --security-documents    roles may grant documents by a query, and fields [default: off]
  --security-tokens       issue and take tokens, as no basic licence does [default: off]
  --max-body-bytes NUMBER longest request body                           [default: 104857600]
  --instant-refresh       let searches see writes at once, without a refresh
  --max-documents NUMBER  documents kept in memory; more: 429            [default: 2000000]
  --max-source-characters NUMBER
                          characters of all sources; more: 429           [default: 536870912]
  --no-auto-create        refuse writes to indices that do not exist
  --connection-age MS     close connections of this age when idle        [default: never]
  --fault JSON            a fault or a fault rule; may be repeated
  --seed NUMBER           seed of random faults                          [default: from the clock, printed]
  --fault-header          let requests bring a fault in X-Mock-Es-Fault
  --help                  print this text

Examples:
  mock-es                                      on 127.0.0.1:${defaultPort}
  mock-es --port 0                             on a free port, which is printed
  mock-es --security --elastic-password secret
  mock-es --user elastic:secret --tls-cert es.pem --tls-key es.key
  mock-es --fault '{"fault":{"kind":"status","status":429},"path":"/_bulk","odds":0.1}' --seed 7
  mock-es --control-port 19201 && curl 127.0.0.1:19201/requests

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 failure, 2 wrong usage.
`;

/** A command line that cannot be understood; the message says what to change. */
export class CommandLineProblem extends Error {}

/**
 * Reads the arguments of the command.
 *
 * @throws {CommandLineProblem}
 */
export function parseCommandLine(
  args: readonly string[],
  readFile: (path: string) => Buffer,
  environment: Readonly<Record<string, string | undefined>> = {},
): MockEsOptions | "help" {
  const values = parseValues(args);
  if (values.help === true) return "help";
  const { profile = "es9" } = values;
  if (!isProfileName(profile))
    throw new CommandLineProblem(`unknown profile [${profile}]; there are es9 and seed`);
  const tls = readTls(values["tls-cert"], values["tls-key"], readFile);
  const users = readUsers(values.user ?? []);
  const apiKeys = values["api-key"] ?? [];
  const security = readSecurity(values, environment);
  return {
    port: readNumber("--port", values.port, 65_535) ?? defaultPort,
    nodes: nodeCount(values.nodes),
    ...(values["node-attribute"] === undefined
      ? {}
      : { nodeAttributes: readAttributes(values["node-attribute"]) }),
    host: values.host ?? "127.0.0.1",
    profile,
    ...(values["control-port"] === undefined
      ? {}
      : { controlPort: readNumber("--control-port", values["control-port"], 65_535) ?? 0 }),
    ...(tls === undefined ? {} : { tls }),
    ...(security === undefined ? {} : { security }),
    ...(users === undefined && apiKeys.length === 0
      ? {}
      : { credentials: { users: users ?? {}, apiKeys } }),
    ...(values["max-body-bytes"] === undefined
      ? {}
      : { maxBodyBytes: readNumber("--max-body-bytes", values["max-body-bytes"], 2 ** 31) ?? 0 }),
    instantRefresh: values["instant-refresh"] === true,
    ...limitOf("maxDocuments", "--max-documents", values["max-documents"]),
    ...limitOf("maxSourceCharacters", "--max-source-characters", values["max-source-characters"]),
    autoCreateIndices: values["no-auto-create"] !== true,
    maxConnectionAgeMs: readNumber("--connection-age", values["connection-age"], 2 ** 31 - 1) ?? 0,
    faults: (values.fault ?? []).map(readRule),
    ...(values.seed === undefined
      ? {}
      : { seed: readNumber("--seed", values.seed, 2 ** 32 - 1) ?? 0 }),
    allowsFaultHeader: values["fault-header"] === true,
  };
}

const options = {
  port: { type: "string" },
  nodes: { type: "string" },
  "node-attribute": { type: "string", multiple: true },
  host: { type: "string" },
  profile: { type: "string" },
  "control-port": { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  user: { type: "string", multiple: true },
  "api-key": { type: "string", multiple: true },
  security: { type: "boolean" },
  "elastic-password": { type: "string" },
  "security-documents": { type: "boolean" },
  "security-tokens": { type: "boolean" },
  "max-body-bytes": { type: "string" },
  "instant-refresh": { type: "boolean" },
  "max-documents": { type: "string" },
  "max-source-characters": { type: "string" },
  "no-auto-create": { type: "boolean" },
  "connection-age": { type: "string" },
  fault: { type: "string", multiple: true },
  seed: { type: "string" },
  "fault-header": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new CommandLineProblem(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new CommandLineProblem(`${name} must be a whole number from 0 to ${most}, not [${text}]`);
}

function nodeCount(text: string | undefined): number {
  const count = readNumber("--nodes", text, 100) ?? 1;
  if (count > 0) return count;
  throw new CommandLineProblem("--nodes must be at least 1");
}

/** An option that is a limit, when it is given. */
function limitOf<Name extends "maxDocuments" | "maxSourceCharacters">(
  name: Name,
  flag: string,
  text: string | undefined,
): { readonly [Key in Name]?: number } {
  const value = readNumber(flag, text, Number.MAX_SAFE_INTEGER);
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: number });
}

function readTls(
  cert: string | undefined,
  key: string | undefined,
  readFile: (path: string) => Buffer,
): MockEsOptions["tls"] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new CommandLineProblem("--tls-cert and --tls-key belong together");
  return { cert: readFile(cert), key: readFile(key) };
}

function readSecurity(
  values: ReturnType<typeof parseValues>,
  environment: Readonly<Record<string, string | undefined>>,
): MockEsOptions["security"] {
  const given = values["elastic-password"];
  if (values.security !== true) {
    const hasMore = values["security-tokens"] === true || values["security-documents"] === true;
    if (given === undefined && !hasMore) return undefined;
    throw new CommandLineProblem(
      "--elastic-password, --security-documents and --security-tokens need --security",
    );
  }
  if (values.user !== undefined || values["api-key"] !== undefined)
    throw new CommandLineProblem(
      "--user and --api-key exclude --security, where requests make users and keys",
    );
  const named = environment["ELASTIC_PASSWORD"];
  const password = given ?? (named === "" ? undefined : named);
  return {
    elasticPassword: password ?? randomBytes(15).toString("base64url"),
    tokens: values["security-tokens"] === true,
    documents: values["security-documents"] === true,
  };
}

function readUsers(entries: readonly string[]): Record<string, string> | undefined {
  if (entries.length === 0) return undefined;
  const users: Record<string, string> = {};
  for (const entry of entries) {
    const colon = entry.indexOf(":");
    if (colon < 1) throw new CommandLineProblem(`--user must be NAME:PASSWORD, not [${entry}]`);
    users[entry.slice(0, colon)] = entry.slice(colon + 1);
  }
  return users;
}

function readAttributes(entries: readonly string[]): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    if (equals < 1)
      throw new CommandLineProblem(`--node-attribute must be NAME=VALUE, not [${entry}]`);
    attributes[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return attributes;
}

function readRule(text: string): ReturnType<typeof parseFaultRule> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "kind" in value
      ? { fault: parseFault(value) }
      : parseFaultRule(value);
  } catch (error) {
    throw new CommandLineProblem(
      `--fault: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
