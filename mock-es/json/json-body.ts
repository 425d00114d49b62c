import { parseWithLongs } from "./exact-numbers.ts";
import { isObject, type JsonObject, tokenOf } from "./json-value.ts";
import { hasOddNumbers, keepNumberText } from "./odd-numbers.ts";
import { isAscii } from "node:buffer";
import { EsError, type EsErrorCause } from "../es-error.ts";
import { findJsonProblem, type JsonProblem } from "./json-problem.ts";
import { findRepeatedName } from "./repeated-names.ts";

/** Text of a body; a body that is all ASCII, as most are, is decoded the cheap way. */
export function bodyText(body: Buffer, start = 0, end = body.length): string {
  return body.toString(isAscii(body) ? "latin1" : "utf8", start, end);
}

let lastBody: WeakRef<JsonObject> | undefined;

/** The body that {@link parseObjectBody} gave last, while something holds it. */
export function lastParsedBody(): JsonObject | undefined {
  return lastBody?.deref();
}

/**
 * Parses a body that must be one JSON object; an absent body gives `undefined`.
 *
 * @throws {EsError} 400 `x_content_parse_exception` for broken JSON, `parsing_exception` for JSON
 *   that is no object
 */
export function parseObjectBody(body: Buffer): JsonObject | undefined {
  if (body.length === 0) return undefined;
  const text = bodyText(body);
  if (text.trim() === "") return undefined;
  const value = parseJson(text);
  if (isObject(value)) {
    lastBody = new WeakRef(value);
    return value;
  }
  throw new EsError(
    400,
    "parsing_exception",
    `Expected [START_OBJECT] but found [${tokenOf(value)}]`,
    {
      line: 1,
      col: 1,
    },
  );
}

/**
 * The body as the server's maps are read: what is no object says nothing.
 *
 * @throws {EsError} 400 `x_content_parse_exception`
 */
export function parseMapBody(body: Buffer): JsonObject {
  const text = bodyText(body);
  const value = text.trim() === "" ? undefined : parseJson(text);
  return isObject(value) ? value : {};
}

/**
 * Parses JSON text; whole numbers beyond 2^53 become bigints, and the texts of those that
 * JavaScript or Java writes otherwise are kept beside (`odd-numbers.ts`).
 *
 * @throws {EsError} 400 `x_content_parse_exception`
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = parseWithLongs(text, hasOddNumbers(text) ? keepNumberText : undefined);
  } catch {
    throw brokenJson(findJsonProblem(text));
  }
  const repeated = findRepeatedName(text, value);
  if (repeated === undefined) return value;
  throw brokenJson(repeated);
}

/** The refusal of a body that is not JSON. */
export function brokenJson(problem: JsonProblem): EsError {
  const { type, reason, ...rest } = jsonProblemCause(problem);
  return new EsError(400, type, reason, rest);
}

/** A JSON problem as a cause: what the server says of it, and below that what its parser says. */
export function jsonProblemCause(problem: JsonProblem): EsErrorCause {
  const place = `[${problem.line}:${problem.column}]`;
  if (problem.isEndOfInput) {
    const cause = { type: "json_e_o_f_exception", reason: problem.message };
    return {
      type: "x_content_e_o_f_exception",
      reason: `${place} Unexpected end of file`,
      caused_by: cause,
    };
  }
  const cause = { type: "json_parse_exception", reason: problem.message };
  return {
    type: "x_content_parse_exception",
    reason: `${place} ${problem.message}`,
    caused_by: cause,
  };
}
