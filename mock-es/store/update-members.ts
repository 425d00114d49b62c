/** Members of an update: the shapes that they have. */
import { EsError } from "../es-error.ts";
import { positionOf } from "../json/json-position.ts";
import { findSourceProblem } from "../search/fetch/source-problem.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";

const flags: ReadonlySet<string> = new Set(["doc_as_upsert", "detect_noop", "scripted_upsert"]);

/**
 * Checks the members of an update, and makes booleans of texts that say so.
 *
 * @param text the update as it was sent
 * @throws {EsError} 400 `x_content_parse_exception` at the member
 */
export function readMembers(text: string, request: JsonObject): JsonObject {
  const read: Record<string, unknown> = { ...request };
  for (const [name, value] of Object.entries(request)) {
    if (name === "doc" || name === "upsert") {
      if (!isObject(value)) throw wrongType(text, name, value);
    } else if (name === "_source") {
      checkSource(text, value);
    } else if (flags.has(name)) read[name] = readFlag(text, name, value);
  }
  return read;
}

function checkSource(text: string, value: unknown): void {
  if (value === null || !(typeof value === "object" || /^(?:boolean|string)$/.test(typeof value)))
    throw wrongType(text, "_source", value);
  const problem = findSourceProblem(value, text, ["_source"]);
  if (problem === undefined) return;
  const cause = problem.error.toCause();
  const { line, column } = problem.position;
  const reason = `[${line}:${column}] [UpdateRequest] failed to parse field [_source]`;
  throw new EsError(400, "x_content_parse_exception", reason, {
    ...(cause.type === "parsing_exception" ? { root_cause: [cause] } : {}),
    caused_by: cause,
  });
}

function readFlag(text: string, name: string, value: unknown): boolean {
  if (typeof value !== "boolean" && typeof value !== "string") throw wrongType(text, name, value);
  // The server reads nothing as false.
  if (/^(?:true|false|)$/.test(textOf(value))) return textOf(value) === "true";
  const reason = `Failed to parse value [${textOf(value)}] as only [true] or [false] are allowed.`;
  throw at(text, name, `failed to parse field [${name}]`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

function wrongType(text: string, name: string, value: unknown): EsError {
  return at(text, name, `${name} doesn't support values of type: ${tokenOf(value)}`);
}

function at(
  text: string,
  name: string,
  reason: string,
  extra: Record<string, unknown> = {},
): EsError {
  const { line, column } = positionOf(text, [name]);
  const type = "x_content_parse_exception";
  return new EsError(400, type, `[${line}:${column}] [UpdateRequest] ${reason}`, extra);
}
