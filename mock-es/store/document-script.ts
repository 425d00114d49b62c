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
  readonly routing: string | undefined;
}

/**
 * Runs a script over a document.
 *
 * @param allowed operations that `ctx.op` may ask for
 * @throws {EsError} 400 for what the script runs into, or asks for
 */
export function scriptDocument(
  script: Script,
  document: ScriptedDocument,
  allowed: readonly string[],
): Scripted {
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
  runScript(script, { variables: { ctx: context } });
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
    routing: text("_routing"),
  };
}
