/** A document on its way through ingest pipelines. */
import { EsError, illegalArgument } from "../es-error.ts";
import { Double, textOfValue, toJsonValue, toScriptValue } from "../script/values.ts";
import type { JsonObject } from "../json/json-value.ts";

/** Where a document goes. */
export interface IngestTarget {
  readonly index: string;
  readonly id: string | undefined;
  readonly routing: string | undefined;
}

type Fields = Map<unknown, unknown>;

/** Fields and metadata, which processors change in place. Values are those of scripts. */
export class IngestDocument {
  /** Fields, and metadata as `_index`, `_id`, `_routing`. */
  readonly fields: Fields;
  readonly ingest: Fields;
  isDropped = false;
  /** Nothing more of the pipeline that runs is run. */
  isStopped = false;
  /** Nothing more of any pipeline that runs is run: those of another index come next. */
  isRerouted = false;
  /** Pipelines that are being run, to find one that calls itself. */
  readonly running = new Set<string>();

  constructor(target: IngestTarget, source: JsonObject, nowMs: number) {
    this.fields = new Map<unknown, unknown>([
      ["_index", target.index],
      ["_id", target.id ?? null],
      ["_routing", target.routing ?? null],
      ["_version", -3],
      ["_version_type", "internal"],
      ...(toScriptValue(source) as Fields),
    ]);
    this.ingest = new Map<unknown, unknown>([["timestamp", new Date(nowMs).toISOString()]]);
  }

  /** The value at a path; `undefined` when there is none. */
  get(path: string): unknown {
    let value: unknown = path.startsWith("_ingest.") ? this.ingest : this.fields;
    for (const step of stepsOf(path)) {
      if (value instanceof Map) {
        if (!value.has(step)) return undefined;
        value = (value as Fields).get(step);
      } else if (Array.isArray(value)) value = (value as readonly unknown[])[Number(step)];
      else return undefined;
    }
    return value;
  }

  /** @throws {EsError} `field [x] not present as part of path [x]` */
  require(path: string): unknown {
    const value = this.get(path);
    if (value !== undefined) return value;
    const last = stepsOf(path).at(-1) ?? path;
    throw illegalArgument(`field [${last}] not present as part of path [${path}]`);
  }

  /** @throws {EsError} where there is nothing, or no text */
  requireText(path: string): string {
    const value = this.require(path);
    if (typeof value === "string") return value;
    if (value === null) throw illegalArgument(`field [${path}] is null, cannot process it.`);
    throw illegalArgument(
      `field [${path}] of type [${classNameOf(value)}] cannot be cast to [java.lang.String]`,
    );
  }

  /** Sets a value; objects on the way are made. @throws {EsError} where the way is no object */
  set(path: string, value: unknown): void {
    const steps = stepsOf(path);
    const last = steps.pop() ?? path;
    let holder: unknown = path.startsWith("_ingest.") ? this.ingest : this.fields;
    for (const step of steps) {
      if (holder instanceof Map) {
        if (!holder.has(step) || holder.get(step) === null) holder.set(step, new Map());
        holder = (holder as Fields).get(step);
      } else if (Array.isArray(holder)) {
        holder = (holder as readonly unknown[])[indexIn(holder, step, path)];
      } else {
        throw illegalArgument(
          `cannot resolve [${step}] from object of type [${classNameOf(holder)}] as part of path [${path}]`,
        );
      }
    }
    if (holder instanceof Map) holder.set(last, value);
    else if (Array.isArray(holder)) holder[indexIn(holder, last, path)] = value;
    else {
      const parent =
        holder === null ? "null parent" : `parent object of type [${classNameOf(holder)}]`;
      throw illegalArgument(`cannot set [${last}] with ${parent} as part of path [${path}]`);
    }
  }

  /** Removes what is at a path. @throws {EsError} when nothing is */
  remove(path: string): void {
    this.require(path);
    const steps = stepsOf(path);
    const last = steps.pop() ?? path;
    const holder = steps.length === 0 ? this.fields : this.get(steps.join("."));
    if (holder instanceof Map) holder.delete(last);
    else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  }

  /** Gives the document another index, which ends the pipelines that run. */
  reroute(index: string): void {
    this.fields.set("_index", index);
    this.isRerouted = true;
  }

  /** A text with `{{field}}` in it, filled in. */
  fill(template: string): string {
    return template.replaceAll(/\{\{\{?\s*([^{}]+?)\s*\}?\}\}/g, (_, path: string) => {
      const value = this.get(path);
      if (value === undefined || value === null) return "";
      if (!Array.isArray(value)) return textOfValue(value);
      // Mustache of the server sees a list as a map of its places.
      return `{${value.map((item, at) => `${at}=${textOfValue(item)}`).join(", ")}}`;
    });
  }

  /** The source as JSON, without metadata. */
  source(): JsonObject {
    const plain = new Map(this.fields);
    for (const name of metadata) plain.delete(name);
    return toJsonValue(plain) as JsonObject;
  }

  /** Where the document goes now. */
  target(): IngestTarget {
    const text = (name: string): string | undefined => {
      const value = this.fields.get(name);
      return typeof value === "string" ? value : undefined;
    };
    const index = text("_index");
    if (index === undefined) throw new EsError(400, "illegal_argument_exception", "no [_index]");
    return { index, id: text("_id"), routing: text("_routing") };
  }
}

/** Names that are no fields. */
const metadata = ["_index", "_id", "_routing", "_version", "_version_type"];

/** The place in a list. @throws {EsError} for one that there is not */
function indexIn(list: readonly unknown[], step: string, path: string): number {
  if (!/^\d+$/.test(step)) {
    const reason = `[${step}] is not an integer, cannot be used as an index as part of path [${path}]`;
    throw illegalArgument(reason, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${step}"` },
    });
  }
  if (Number(step) < list.length) return Number(step);
  throw illegalArgument(
    `[${step}] is out of bounds for array with length [${list.length}] as part of path [${path}]`,
  );
}

/** The Java class of a value, for error texts. */
export function classNameOf(value: unknown): string {
  if (typeof value === "string") return "java.lang.String";
  if (typeof value === "boolean") return "java.lang.Boolean";
  if (typeof value === "bigint") return "java.lang.Long";
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (value instanceof Map) return "java.util.HashMap";
  return value instanceof Double ? "java.lang.Double" : "java.lang.Integer";
}

/** @throws {EsError} for a path without a name */
function stepsOf(path: string): string[] {
  if (path === "") throw illegalArgument("path cannot be null nor empty");
  const steps = path.replace(/^_(?:source|ingest)\./, "").split(".");
  const last = steps.findLastIndex((step) => step !== "");
  if (last < 0) throw illegalArgument(`path [${path}] is not valid`);
  return steps.slice(0, last + 1);
}
