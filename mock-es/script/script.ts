/** Scripts of requests: read, compiled once, and run. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { LruMap } from "../values/lru-map.ts";
import type { Surroundings } from "./evaluation.ts";
import { runParsed } from "./interpreter.ts";
import { parseScript } from "./parser.ts";
import { RuntimeProblem, ScriptProblem } from "./problems.ts";
import type { ParsedScript } from "./syntax.ts";
import { toScriptValue } from "./values.ts";
import { toJavaText } from "../values/java-text.ts";

/** A script with its parameters. */
export interface Script {
  readonly source: string;
  readonly params: JsonObject;
  readonly parsed: ParsedScript;
}

/** The source of a stored script; `undefined` when there is none of that name. */
export type FindScript = (id: string) => string | undefined;

/** Scripts that are kept parsed. */
const cacheSize = 200;
const cache = new LruMap<string, ParsedScript>(cacheSize);

/** Tokens that the value of a member may begin with. */
const members: Readonly<Record<string, readonly string[]>> = {
  source: ["VALUE_STRING", "START_OBJECT"],
  id: ["VALUE_STRING"],
  lang: ["VALUE_STRING"],
  params: ["START_OBJECT"],
  options: ["START_OBJECT"],
};

/**
 * Reads a script of a request: a text, or an object with `source` or `id`.
 *
 * @throws {EsError} 400 for a script that does not parse, or uses what is not covered, with the
 *   place
 */
export function readScript(given: unknown, find: FindScript = () => undefined): Script {
  if (typeof given === "string") return compile(given, {});
  if (!isObject(given))
    throw illegalArgument(
      "must specify either [source] for an inline script or [id] for a stored script",
    );
  for (const key of Object.keys(given)) checkMember(given, key);
  const { id, lang = "painless", source: text, options } = given;
  const params = isObject(given["params"]) ? given["params"] : {};
  if (id !== undefined && text !== undefined)
    throw illegalArgument("must only use one of [source, id] when specifying a script");
  if (isObject(options) && Object.keys(options).length > 0)
    throw illegalArgument(`illegal compiler options [${toJavaText(options)}] specified`);
  if (typeof id === "string") {
    if (given["lang"] !== undefined)
      throw illegalArgument("illegally specified <lang> for a stored script");
    const source = find(id);
    if (source !== undefined) return compile(source, params);
    throw new EsError(
      404,
      "resource_not_found_exception",
      `unable to find script [${id}] in cluster state`,
    );
  }
  if (text === undefined)
    throw illegalArgument(
      "must specify either [source] for an inline script or [id] for a stored script",
    );
  if (lang === "expression") throw notSupported("the script language [expression]");
  if (lang !== "painless") throw illegalArgument(`script_lang not supported [${textOf(lang)}]`);
  return compile(textOf(text), params);
}

/** @throws {EsError} 400 for a member that is not known, or of another kind */
function checkMember(given: JsonObject, key: string): void {
  const kinds = Object.hasOwn(members, key) ? members[key] : undefined;
  if (kinds === undefined)
    throw xContentParseException(`[script] unknown field [${key}]`).at(given, key, "key");
  const token = tokenOf(given[key]);
  if (kinds.includes(token)) return;
  const reason = `[script] ${key} doesn't support values of type: ${token}`;
  throw xContentParseException(reason).at(given, key);
}

function compile(source: string, params: JsonObject): Script {
  let parsed = cache.get(source);
  if (parsed === undefined) {
    try {
      parsed = parseScript(source);
    } catch (error) {
      throw problemOf(error, source);
    }
    cache.set(source, parsed);
  }
  return { source, params, parsed };
}

/**
 * Runs a script.
 *
 * @throws {EsError} 400 `script_exception` for what it runs into, or a refusal with the place
 */
export function runScript(script: Script, around: Surroundings): unknown {
  try {
    return runParsed(script.parsed, {
      ...around,
      variables: { params: toScriptValue(script.params, true), ...around.variables },
    });
  } catch (error) {
    throw problemOf(error, script.source, script.parsed);
  }
}

function problemOf(error: unknown, source: string, parsed?: ParsedScript): unknown {
  if (error instanceof ScriptProblem) {
    if (error.isUncovered)
      throw notSupported(
        `${error.message} at ${place(source, error.at)} of the script [${source}]`,
      );
    const cause = { type: error.type, reason: error.message };
    return scriptException("compile error", source, around(source, error.at), cause);
  }
  if (error instanceof RuntimeProblem) {
    const cause = { type: error.type, reason: error.message };
    const at = error.at ?? 0;
    return scriptException("runtime error", source, statementAt(source, at, parsed), cause);
  }
  return error;
}

function place(source: string, at: number): string {
  const before = source.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** A part of a script that an error shows. */
interface Shown {
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Characters of the text before the place. */
  readonly before: number;
}

/** Characters around the place that an error of the compiler shows. */
const shownAround = 25;

function around(source: string, at: number): Shown {
  const start = Math.max(0, at - shownAround);
  const end = Math.min(source.length, at + shownAround);
  const lead = start > 0 ? "... " : "";
  const text = `${lead}${source.slice(start, end)}${end < source.length ? " ..." : ""}`;
  return { at, start, end, text, before: at - start + lead.length };
}

/** The statement that a place is in. */
function statementAt(source: string, at: number, parsed: ParsedScript | undefined): Shown {
  const starts = parsed?.starts ?? [];
  const start = starts.findLast((own) => own <= at) ?? 0;
  const end = starts.find((own) => own > start) ?? source.length;
  return { at, start, end, text: source.slice(start, end), before: at - start };
}

function scriptException(
  reason: string,
  source: string,
  { at, start, end, text, before }: Shown,
  cause: { readonly type: string; readonly reason: string },
): EsError {
  const exception = {
    type: "script_exception",
    reason,
    script_stack: [text, `${" ".repeat(before)}^---- HERE`],
    script: source,
    lang: "painless",
    position: { offset: at, start, end },
    caused_by: cause,
  };
  const what = "failed to execute script";
  return new EsError(400, "illegal_argument_exception", what, {
    root_cause: [{ type: "illegal_argument_exception", reason: what }],
    caused_by: exception,
  });
}
