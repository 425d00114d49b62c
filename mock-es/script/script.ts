/** Scripts of requests: read, compiled once, and run. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { LruMap } from "../values/lru-map.ts";
import { runStatements, type Surroundings } from "./interpreter.ts";
import { RuntimeProblem } from "./methods.ts";
import { parseScript } from "./parser.ts";
import type { Statement } from "./syntax.ts";
import { ScriptProblem } from "./tokens.ts";
import { toScriptValue } from "./values.ts";

/** A script with its parameters. */
export interface Script {
  readonly source: string;
  readonly params: JsonObject;
  readonly statements: readonly Statement[];
}

/** The source of a stored script; `undefined` when there is none of that name. */
export type FindScript = (id: string) => string | undefined;

/** Scripts that are kept parsed. */
const cacheSize = 200;
const cache = new LruMap<string, readonly Statement[]>(cacheSize);

const members = ["source", "id", "lang", "params", "options"];

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
  for (const key of Object.keys(given)) {
    if (!members.includes(key))
      throw xContentParseException(`[script] unknown field [${key}]`).at(given, key, "key");
  }
  const lang = textOf(given["lang"] ?? "painless");
  const params = isObject(given["params"]) ? given["params"] : {};
  if (given["id"] !== undefined) {
    const id = textOf(given["id"]);
    const source = find(id);
    if (source !== undefined) return compile(source, params);
    throw new EsError(
      404,
      "resource_not_found_exception",
      `unable to find script [${id}] in cluster state`,
    );
  }
  if (given["source"] === undefined)
    throw illegalArgument(
      "must specify either [source] for an inline script or [id] for a stored script",
    );
  if (lang === "expression") throw notSupported("the script language [expression]");
  if (lang !== "painless") throw illegalArgument(`script_lang not supported [${lang}]`);
  return compile(textOf(given["source"]), params);
}

function compile(source: string, params: JsonObject): Script {
  let statements = cache.get(source);
  if (statements === undefined) {
    try {
      statements = parseScript(source);
    } catch (error) {
      throw problemOf(error, source);
    }
    cache.set(source, statements);
  }
  return { source, params, statements };
}

/**
 * Runs a script.
 *
 * @throws {EsError} 400 `script_exception` for what it runs into, or a refusal with the place
 */
export function runScript(script: Script, around: Surroundings): unknown {
  try {
    return runStatements(script.statements, {
      ...around,
      variables: { params: toScriptValue(script.params), ...around.variables },
    });
  } catch (error) {
    throw problemOf(error, script.source);
  }
}

function problemOf(error: unknown, source: string): unknown {
  if (error instanceof ScriptProblem) {
    if (error.isUncovered)
      throw notSupported(
        `${error.message} at ${place(source, error.at)} of the script [${source}]`,
      );
    return scriptException("compile error", source, error.at, {
      type: "illegal_argument_exception",
      reason: error.message,
    });
  }
  if (error instanceof RuntimeProblem) {
    return scriptException("runtime error", source, error.at, {
      type: error.type,
      reason: error.message,
    });
  }
  return error;
}

function place(source: string, at: number): string {
  const before = source.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Characters of the source that an error shows around the place. */
const shown = 25;

function scriptException(
  reason: string,
  source: string,
  at: number,
  cause: { readonly type: string; readonly reason: string },
): EsError {
  const start = Math.max(0, at - shown);
  const end = Math.min(source.length, at + shown);
  const around = `${start > 0 ? "... " : ""}${source.slice(start, end)}${end < source.length ? " ..." : ""}`;
  const pointer = `${" ".repeat(at - start + (start > 0 ? 4 : 0))}^---- HERE`;
  const exception = {
    type: "script_exception",
    reason,
    script_stack: [around, pointer],
    script: source.length > 2 * shown ? `${source.slice(0, shown)} ...` : source,
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
