/** The processor `json`: a text that is JSON becomes what it says. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { parseExactJson } from "../json/exact-numbers.ts";
import { findJsonProblem, type JsonProblem } from "../json/json-problem.ts";
import { findRepeatedName } from "../json/repeated-names.ts";
import { textOfValue, toScriptValue } from "../script/values.ts";
import type { Maker } from "./processor-settings.ts";

/** `json`. */
export const json: Maker = (settings) => {
  const field = settings.text("field");
  const ownTarget = settings.textOr("target_field", undefined);
  const target = ownTarget ?? field;
  const isRoot = settings.flag("add_to_root");
  if (isRoot && ownTarget !== undefined)
    throw settings.problem(
      "target_field",
      "Cannot set a target field while also setting `add_to_root` to true",
    );
  const givenStrategy = settings.textOr("add_to_root_conflict_strategy", undefined);
  const strategy = givenStrategy?.toLowerCase() ?? "replace";
  if (givenStrategy !== undefined && !isRoot)
    throw settings.problem(
      "add_to_root_conflict_strategy",
      "Cannot set `add_to_root_conflict_strategy` if `add_to_root` is false",
    );
  if (strategy !== "replace" && strategy !== "merge")
    throw settings.problem(
      "add_to_root_conflict_strategy",
      `conflict strategy [${strategy}] not supported, cannot convert field.`,
    );
  const allowsDuplicates = settings.flag("allow_duplicate_keys");
  const isStrict = settings.flag("strict_json_parsing", true);
  return (document) => {
    const text = textOfValue(document.require(field));
    const value = toScriptValue(read(text, allowsDuplicates, isStrict));
    if (!isRoot) document.set(target, value);
    else if (!(value instanceof Map))
      throw illegalArgument("cannot add non-map fields to root of document");
    else if (strategy === "merge") mergeInto(document.fields, value);
    else for (const [name, item] of value as Map<unknown, unknown>) document.fields.set(name, item);
  };
};

function read(text: string, allowsDuplicates: boolean, isStrict: boolean): unknown {
  let parsed: unknown;
  try {
    parsed = parseExactJson(text);
  } catch {
    const problem = findJsonProblem(text);
    if (!problem.isTrailing) throw unreadable(problem);
    if (!isStrict) return parseExactJson(firstValue(text));
    const more = problem.extraToken === undefined ? unreadable(problem).toCause() : undefined;
    throw illegalArgument(
      `The input ${text} is not valid JSON and the strict_json_parsing parameter is true`,
      more === undefined ? {} : { caused_by: more },
    );
  }
  const repeated = allowsDuplicates ? undefined : findRepeatedName(text, parsed);
  if (repeated !== undefined) throw unreadable(repeated);
  return parsed;
}

function unreadable({ tokenLine, tokenColumn, message }: JsonProblem): EsError {
  const reason = `[${tokenLine}:${tokenColumn}] ${message}`;
  return new EsError(400, "x_content_parse_exception", reason);
}

/** The value that a text begins with. @throws {EsError} 400 where that is no single token */
function firstValue(text: string): string {
  const found = /^\s*(?:-?\d[\d.eE+-]*|true|false|null|"(?:[^"\\]|\\.)*")/.exec(text);
  if (found === null) throw notSupported("a list or object with more behind it, not strictly");
  return found[0];
}

/** Adds members to an object, and to its objects those of theirs. */
function mergeInto(whole: Map<unknown, unknown>, part: ReadonlyMap<unknown, unknown>): void {
  for (const [name, value] of part) {
    const present = whole.get(name);
    if (present instanceof Map && value instanceof Map) mergeInto(present, value);
    else whole.set(name, value);
  }
}
