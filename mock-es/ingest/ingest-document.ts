/** A document on its way through ingest pipelines. */
import { EsError, illegalArgument } from "../es-error.ts";
import { toJsonValue, toScriptValue } from "../script/values.ts";
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

  /** Sets a value; objects on the way are made. @throws {EsError} where the way is no object */
  set(path: string, value: unknown): void {
    const steps = stepsOf(path);
    const last = steps.pop() ?? path;
    let holder: unknown = path.startsWith("_ingest.") ? this.ingest : this.fields;
    for (const step of steps) {
      if (holder instanceof Map) {
        if (!holder.has(step) || holder.get(step) === null) holder.set(step, new Map());
        holder = (holder as Fields).get(step);
      } else if (Array.isArray(holder)) holder = (holder as readonly unknown[])[Number(step)];
    }
    if (holder instanceof Map) holder.set(last, value);
    else if (Array.isArray(holder)) holder[Number(last)] = value;
    else throw illegalArgument(`cannot set [${last}] with parent object as part of path [${path}]`);
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

  /** A text with `{{field}}` in it, filled in. */
  fill(template: string): string {
    return template.replaceAll(/\{\{\{?\s*([^{}]+?)\s*\}?\}\}/g, (_, path: string) => {
      const value = this.get(path);
      if (value === undefined || value === null) return "";
      return typeof value === "string" ? value : JSON.stringify(toJsonValue(value));
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

function stepsOf(path: string): string[] {
  const steps = path.split(".");
  if (steps[0] === "_source" || steps[0] === "_ingest") steps.shift();
  return steps;
}
