/** The body of `_analyze`: which members it may have, and which of them together. */
import {
  EsError,
  illegalArgument,
  ownPlace,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";

const members: ReadonlySet<string> = new Set(
  "analyzer text field tokenizer filter char_filter normalizer explain attributes".split(" "),
);

/** @throws {EsError} 400 for a member that is unknown or of another kind */
export function checkMembers(body: JsonObject): void {
  for (const [name, value] of Object.entries(body)) {
    if (!members.has(name)) throw parseProblem(`unknown field [${name}]`).at(body, name, "key");
    if (!isFit(name, value)) {
      const reason = `${name} doesn't support values of type: ${tokenOf(value)}`;
      throw parseProblem(reason).at(body, name);
    }
    if (name === "explain" && typeof value === "string" && value !== "true" && value !== "false") {
      const reason = `Failed to parse value [${value}] as only [true] or [false] are allowed.`;
      throw unread(name, illegalArgument(reason).standingAt(body, name));
    }
    if (Array.isArray(value)) checkElements(name, value);
  }
}

function isFit(name: string, value: unknown): boolean {
  const isText = typeof value === "string";
  if (isParts(name)) return Array.isArray(value) || isObject(value);
  if (name === "text" || name === "attributes") return isText || Array.isArray(value);
  if (name === "explain") return isText || typeof value === "boolean";
  return isText || (name === "tokenizer" && isObject(value));
}

function isParts(name: string): boolean {
  return name === "filter" || name === "char_filter";
}

/** Checks the elements of a list: texts, or names and definitions of parts. */
function checkElements(name: string, list: readonly unknown[]): void {
  for (const [at, element] of list.entries()) {
    const problem = problemOf(element, isParts(name));
    if (problem === undefined) continue;
    throw unread(
      name,
      problem.type === "x_content_parse_exception"
        ? problem.at(list, String(at))
        : problem.standingAt(list, String(at)),
    );
  }
}

function problemOf(element: unknown, isPart: boolean): EsError | undefined {
  if (Array.isArray(element))
    return new EsError(400, "illegal_state_exception", "expected value but got [START_ARRAY]");
  if (isPart && typeof element !== "string" && !isObject(element))
    return xContentParseException(
      `Expected [VALUE_STRING] or [START_OBJECT], got ${tokenOf(element)}`,
    );
  if (!isPart && (element === null || isObject(element)))
    return illegalArgument(`Expected text at ${ownPlace} but found ${tokenOf(element)}`);
  return undefined;
}

/** The refusal of a member that the server's parser failed in. */
function unread(name: string, cause: EsError): EsError {
  return parseProblem(`failed to parse field [${name}]`).around(cause);
}

function parseProblem(reason: string): EsError {
  return xContentParseException(`[analyze_request] ${reason}`);
}

/** @throws {EsError} 400 for members that exclude each other, or a text that is missing */
export function checkTogether(body: JsonObject, texts: readonly string[], hasIndex: boolean): void {
  const isBuilt =
    body["tokenizer"] !== undefined || hasParts(body, "filter") || hasParts(body, "char_filter");
  const problems: string[] = [];
  if (texts.length === 0) problems.push("text is missing");
  if (body["normalizer"] !== undefined) {
    if (!hasIndex) problems.push("index is required if normalizer is specified");
    if (body["tokenizer"] !== undefined || body["analyzer"] !== undefined)
      problems.push("tokenizer/analyze should be null if normalizer is specified");
  }
  if (body["analyzer"] !== undefined && isBuilt)
    problems.push("cannot define extra components on a named analyzer");
  if (body["normalizer"] !== undefined && isBuilt)
    problems.push("cannot define extra components on a named normalizer");
  if (body["field"] !== undefined && isBuilt)
    problems.push("cannot define extra components on a field-specific analyzer");
  if (problems.length > 0) throw validationFailed(...problems);
}

/** True for a list with something in it; an empty one is as good as none. */
export function hasParts(body: JsonObject, name: string): boolean {
  return listOf(body[name]).length > 0;
}

/** The parts that a member names or defines; a single definition need not stand in a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (isObject(value)) return [value];
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
