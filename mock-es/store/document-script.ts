/** Scripts that change documents. */
import { EsError, illegalArgument } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { runScript, type Script } from "../script/script.ts";
import { toJsonValue, toScriptValue } from "../script/values.ts";

/** A document as a script sees it. */
export interface ScriptedDocument {
  readonly index: string;
  readonly id: string;
  readonly version?: number;
  readonly routing?: string | undefined;
  readonly source: JsonObject;
  /** What is done when the script does not say. */
  readonly operation: string;
  readonly nowMs: number;
}

/** What a script made of a document. */
export interface Scripted {
  readonly operation: string;
  readonly source: JsonObject;
  /** As `ctx` says afterwards. */
  readonly index: string;
  readonly id: string | undefined;
  /** `null`: the script has taken it away. */
  readonly version: number | null | undefined;
  readonly routing: string | undefined;
}

/** What a script may ask for. */
export interface ScriptRules {
  /** Values of `ctx.op`. */
  readonly operations: readonly string[];
  /** Names in `ctx` that can be written, beside `op` and `_source`. */
  readonly writable: readonly string[];
}

/**
 * Runs a script over a document.
 *
 * @throws {EsError} 400 for what the script runs into, or asks for
 */
export function scriptDocument(
  script: Script,
  document: ScriptedDocument,
  rules: ScriptRules,
): Scripted {
  const { operations: allowed } = rules;
  const { index, id, version, routing, source, operation, nowMs } = document;
  const context = new Map<unknown, unknown>([
    ["_index", index],
    ["_id", id],
    ["_version", version ?? null],
    ["_routing", routing ?? null],
    ["op", operation],
    ["_now", nowMs],
    ["_source", toScriptValue(source)],
  ]);
  const before = new Map(context);
  runScript(script, { variables: { ctx: context } });
  checkWritten(script, before, context, rules);
  const asked = context.get("op");
  const done = asked === null ? "noop" : textOf(asked);
  if (!allowed.includes(done)) {
    throw illegalArgument(
      `Operation type [${done}] not allowed, only [${allowed.join(", ")}] are allowed`,
    );
  }
  const changed = toJsonValue(context.get("_source"));
  if (!isObject(changed))
    throw new EsError(400, "class_cast_exception", "[ctx._source] is no map any more");
  const text = (name: string): string | undefined => {
    const value = context.get(name);
    return value === null || value === undefined ? undefined : textOf(value);
  };
  return {
    operation: done,
    source: changed,
    index: text("_index") ?? index,
    id: text("_id"),
    version: versionOf(context.get("_version"), version),
    routing: text("_routing"),
  };
}

function versionOf(value: unknown, before: number | undefined): number | null | undefined {
  if (value === before || (before === undefined && value === null)) return before;
  return value === null || value === undefined ? null : Number(textOf(value));
}

/** @throws {EsError} 400 for a name in `ctx` that is not known, or can only be read */
function checkWritten(
  script: Script,
  before: ReadonlyMap<unknown, unknown>,
  after: ReadonlyMap<unknown, unknown>,
  { writable }: ScriptRules,
): void {
  for (const [key, value] of after) {
    const name = textOf(key);
    if (!before.has(key))
      throw refused(script, `Cannot put key [${name}] with value [${textOf(value)}] into ctx`);
    if (name === "_index" && value === null) throw refused(script, "_index cannot be null");
    if (name === "op" || name === "_source" || writable.includes(name)) continue;
    if (value !== before.get(key)) throw refused(script, `${name} cannot be updated`);
  }
}

function refused({ source }: Script, reason: string): EsError {
  return illegalArgument("failed to execute script", {
    caused_by: {
      type: "script_exception",
      reason: "runtime error",
      script_stack: [],
      script: source,
      lang: "painless",
      caused_by: { type: "illegal_argument_exception", reason },
    },
  });
}
