import { type Client, errors } from "@elastic/elasticsearch";
import { isMap, scalarText } from "./test-file.ts";

/** A `do` step, taken apart. */
export interface Call {
  /** API name as in the file, for example `indices.put_mapping`. */
  readonly api: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Statuses that are no error. */
  readonly ignore: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  /** The error that the call must end in. */
  readonly expectedError: string | undefined;
  /** Warnings that the answer must carry. */
  readonly warnings: readonly string[];
}

/** What a call ended in. */
export interface CallOutcome {
  readonly body: unknown;
  readonly warnings: readonly string[];
  /** The client's error, unless its status was to be ignored. */
  readonly error: Error | undefined;
}

/** Thrown when the server does not have the endpoint that a call needs. */
export class EndpointRefused extends Error {
  constructor(api: string, reason: string) {
    super(`${api}: ${reason}`);
    this.name = "EndpointRefused";
  }
}

/**
 * Takes the argument of a `do` step apart. @throws {Error} on a key that is not known, or without
 * exactly one API
 */
export function parseCall(argument: unknown): Call {
  if (!isMap(argument)) throw new Error("do: the argument is not a map");
  const {
    catch: expected,
    headers = {},
    warnings = [],
    allowed_warnings: _allowed,
    ...rest
  } = argument;
  const [entry, ...more] = Object.entries(rest);
  if (entry === undefined || more.length > 0)
    throw new Error(`do: not exactly one call: ${Object.keys(rest).join()}`);
  const [api, given] = entry;
  const { ignore = [], ...parameters } = isMap(given) ? given : {};
  return {
    api,
    parameters,
    ignore: [ignore].flat().map(Number),
    headers: withoutContentType(headers),
    expectedError: expected === undefined ? undefined : scalarText(expected),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

/**
 * Makes the call with the official client.
 *
 * @throws {EndpointRefused} when the server says that there is no such endpoint
 * @throws {Error} when the client has no such function
 */
export async function makeCall(client: Client, call: Call): Promise<CallOutcome> {
  const options = {
    meta: true,
    ignore: [...call.ignore],
    headers: { ...call.headers },
    maxRetries: 0,
  };
  try {
    const answer = await findFunction(client, call.api)(call.parameters, options);
    throwIfRefused(call.api, answer.statusCode, answer.body);
    return { body: answer.body, warnings: answer.warnings ?? [], error: undefined };
  } catch (error) {
    if (!(error instanceof errors.ElasticsearchClientError)) throw error;
    if (!(error instanceof errors.ResponseError)) return { body: undefined, warnings: [], error };
    throwIfRefused(call.api, error.statusCode, error.body);
    return { body: error.body, warnings: error.meta.warnings ?? [], error };
  }
}

/** Whether an error is the one that `catch` names. */
export function isExpectedError(error: Error, expected: string): boolean {
  const status = error instanceof errors.ResponseError ? error.statusCode : undefined;
  const pattern = /^\/(.*)\/$/s.exec(expected)?.[1];
  if (pattern !== undefined) return new RegExp(pattern).test(textOf(error));
  if (expected === "request") return status !== undefined && status >= 400;
  // The client checks parameters itself, or the server does.
  if (expected === "param") return status === 400 || error instanceof errors.ConfigurationError;
  const wanted = statusOfCatch.get(expected);
  if (wanted === undefined) throw new Error(`catch: unknown error ${expected}`);
  return status === wanted;
}

const statusOfCatch: ReadonlyMap<string, number> = new Map([
  ["bad_request", 400],
  ["unauthorized", 401],
  ["forbidden", 403],
  ["missing", 404],
  ["request_timeout", 408],
  ["conflict", 409],
  ["unavailable", 503],
]);

type ApiFunction = (parameters: unknown, options: unknown) => Promise<Answer>;

interface Answer {
  readonly statusCode: number;
  readonly body: unknown;
  readonly warnings: readonly string[] | null;
}

/** `indices.put_mapping` → `client.indices.putMapping`, bound. */
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

/** The client's own content type must stay: it says which version of the API is meant. */
function withoutContentType(headers: unknown): Record<string, string> {
  if (!isMap(headers)) throw new Error("headers: not a map");
  const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-type");
  return Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/**
 * Elasticsearch's words for "no such endpoint": the client only asks for what exists in some
 * server.
 */
function throwIfRefused(api: string, status: number | undefined, body: unknown): void {
  const error = isMap(body) ? body["error"] : undefined;
  if (status === 405)
    throw new EndpointRefused(api, "the server knows the path, but not with this method");
  if (status === 400 && typeof error === "string" && error.startsWith("no handler found")) {
    throw new EndpointRefused(api, error);
  }
  const reason =
    isMap(error) && error["type"] === "invalid_index_name_exception" ? String(error["reason"]) : "";
  if (status === 400 && reason.includes("must not start with '_'"))
    throw new EndpointRefused(api, reason);
}

function textOf(error: Error): string {
  return error instanceof errors.ResponseError
    ? `${error.message} ${JSON.stringify(error.body)}`
    : error.message;
}
