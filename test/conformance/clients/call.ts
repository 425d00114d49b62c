/** A `do` step and what became of it, whoever makes the call. */
import { isMap, scalarText } from "./test-file.ts";
import { toPattern } from "./java-pattern.ts";

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

/** An error answer, or a call that could not be made. */
export interface CallError {
  /** Status of the answer; `undefined` when the call was not made. */
  readonly status: number | undefined;
  /** The error's words: what `catch: /…/` looks at. */
  readonly text: string;
}

/** What a call ended in. */
export interface CallOutcome {
  readonly body: unknown;
  readonly warnings: readonly string[];
  /** `undefined` for a success, and for a status that was to be ignored. */
  readonly error: CallError | undefined;
}

/** Makes calls: with the official client, or from the API specification. */
export type Caller = (call: Call) => Promise<CallOutcome>;

/** Keys of a `do` step beside the call that this runner needs nothing of. */
const unused: ReadonlySet<string> = new Set([
  "allowed_warnings",
  "allowed_warnings_regex",
  "node_selector",
  "warnings_regex",
]);

/**
 * Takes the argument of a `do` step apart. @throws {Error} on an unknown key, or without one API
 */
export function parseCall(argument: unknown): Call {
  if (!isMap(argument)) throw new Error("do: the argument is not a map");
  const { catch: expected, headers = {}, warnings = [], ...rest } = argument;
  const calls = Object.entries(rest).filter(([name]) => !unused.has(name));
  const [entry, ...more] = calls;
  if (entry === undefined || more.length > 0)
    throw new Error(`do: not exactly one call: ${calls.map(([name]) => name).join()}`);
  const [api, given] = entry;
  const { ignore = [], ...parameters } = isMap(given) ? given : {};
  return {
    api,
    parameters,
    ignore: [ignore].flat().map(Number),
    headers: toHeaders(headers),
    expectedError: expected === undefined ? undefined : scalarText(expected),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

function toHeaders(headers: unknown): Record<string, string> {
  if (!isMap(headers)) throw new Error("headers: not a map");
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

/** Whether an error is the one that `catch` names. Its patterns are never verbose ones. */
export function isExpectedError(error: CallError, expected: string): boolean {
  const pattern = /^\s*\/(.*)\/\s*$/s.exec(expected)?.[1];
  if (pattern !== undefined) return toPattern(pattern, false).test(error.text);
  if (expected === "request") return error.status !== undefined && error.status >= 400;
  // The caller checks parameters itself, or the server does.
  if (expected === "param") return error.status === 400 || error.status === undefined;
  const wanted = statusOfCatch.get(expected);
  if (wanted === undefined) throw new Error(`catch: unknown error ${expected}`);
  return error.status === wanted;
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
