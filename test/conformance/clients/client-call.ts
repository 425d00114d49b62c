/** Makes the calls of test files with the official client. */
import { type Client, errors } from "@elastic/elasticsearch";
import type { Call, Caller, CallError, CallOutcome } from "./call.ts";
import { throwIfRefused } from "./stops.ts";

/**
 * A caller that uses the official client.
 *
 * @param supported API names whose every route the server has to have; `undefined` when it is not
 *   known
 */
export function clientCaller(client: Client, supported?: ReadonlySet<string>): Caller {
  return (call) => makeCall(client, call, supported);
}

async function makeCall(
  client: Client,
  call: Call,
  supported: ReadonlySet<string> | undefined,
): Promise<CallOutcome> {
  const headers = { ...withoutContentType(call.headers), ...typeOfTextBody(call) };
  const options = { meta: true, ignore: [...call.ignore], headers, maxRetries: 0 };
  try {
    const parameters = namedForClient(client, call);
    const answer = await findFunction(client, call.api)(parameters, options);
    throwIfRefused(call.api, answer.statusCode, answer.body, supported);
    return { body: answer.body, warnings: answer.warnings ?? [], error: undefined };
  } catch (error) {
    if (!(error instanceof errors.ElasticsearchClientError)) throw error;
    if (!(error instanceof errors.ResponseError))
      return { body: undefined, warnings: [], error: { status: undefined, text: error.message } };
    throwIfRefused(call.api, error.statusCode ?? 0, error.body, supported);
    return { body: error.body, warnings: error.meta.warnings ?? [], error: toCallError(error) };
  }
}

function toCallError(error: errors.ResponseError): CallError {
  const text = `${error.message} ${JSON.stringify(error.body)}`;
  return { status: error.statusCode, text };
}

/** The client's own content type must stay: it says which version of the API is meant. */
function withoutContentType(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-type"));
}

/** A body that the file holds as text is JSON; the client would send it as plain text. */
function typeOfTextBody({ parameters }: Call): Record<string, string> {
  if (typeof parameters["body"] !== "string") return {};
  return { "content-type": "application/vnd.elasticsearch+json; compatible-with=9" };
}

/** Path parameters that the client calls otherwise than the API specification. */
const renamed: ReadonlyMap<string, string> = new Map([
  ["repository", "name"],
  ["name", "repository"],
]);

function namedForClient(client: Client, call: Call): Record<string, unknown> {
  const accepted = acceptedPathOf(client, call.api);
  const given = { ...call.parameters };
  if (accepted === undefined) return given;
  for (const [from, to] of renamed) {
    if (given[from] === undefined || accepted.includes(from) || !accepted.includes(to)) continue;
    given[to] = given[from];
    delete given[from];
  }
  return given;
}

/**
 * Names of the path parameters of a client function; they stand under a symbol of the client's own.
 */
function acceptedPathOf(client: Client, api: string): readonly string[] | undefined {
  const [namespace] = api.split(".");
  const owner: unknown = api.includes(".")
    ? (client as unknown as Record<string, unknown>)[toCamelCase(namespace ?? "")]
    : client;
  if (typeof owner !== "object" || owner === null) return undefined;
  const isTable = (entry: symbol): boolean =>
    entry.description === "elasticsearchjs-accepted-params";
  const symbol = Object.getOwnPropertySymbols(owner).find(isTable);
  if (symbol === undefined) return undefined;
  const table = (owner as Record<symbol, unknown>)[symbol];
  return (table as Record<string, { readonly path?: readonly string[] }>)[api]?.path;
}

type ApiFunction = (parameters: unknown, options: unknown) => Promise<Answer>;

interface Answer {
  readonly statusCode: number;
  readonly body: unknown;
  readonly warnings: readonly string[] | null;
}

/**
 * `indices.put_mapping` → `client.indices.putMapping`, bound. @throws {Error} when there is none
 */
function findFunction(client: Client, api: string): ApiFunction {
  let owner: unknown;
  let at: unknown = client;
  for (const name of api.split(".").map(toCamelCase)) {
    owner = at;
    at = (at as Record<string, unknown> | undefined)?.[name];
  }
  if (typeof at !== "function") throw new Error(`the client has no function for ${api}`);
  return at.bind(owner) as ApiFunction;
}

function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
