/** Notes the names under which an answer will give values of fields. */
import type { Buffer } from "node:buffer";
import { code } from "./request-codes.ts";
import type { RequestRecord } from "./request-record.ts";

const maxNameLength = 200;
/** Names of aggregations that are joined; deeper ones are told by their first names. */
const maxJoined = 16;

/** An aggregation that is being read. */
interface OpenAggregation {
  readonly path: string;
  type: string | undefined;
  hasField: boolean;
}

/**
 * Notes under which names an answer gives values of fields that are not asked for as fields:
 * aggregations, script fields, runtime fields, suggestions.
 */
export class OutputFields {
  readonly #record: RequestRecord;
  readonly #open: OpenAggregation[] = [];
  /** The name that was told last. */
  #name = "";
  #suggestion = "";

  constructor(record: RequestRecord) {
    this.#record = record;
  }

  /** Aggregations that are open. */
  get depth(): number {
    return this.#open.length;
  }

  /** Ends aggregations that a fault left open. */
  unwind(depth: number): void {
    while (this.#open.length > depth) this.leave(code.aggregation);
  }

  name(found: number, bytes: Buffer, start: number, end: number): void {
    const name = bytes.toString("utf8", start, Math.min(end, start + maxNameLength));
    const open = this.#open.at(-1);
    switch (found) {
      case code.aggregations:
        this.#name = name;
        break;
      case code.aggregation:
        if (open !== undefined) open.type = name;
        break;
      case code.scriptFields:
        this.#record.output({ kind: "script_field", name, type: undefined, field: undefined });
        break;
      case code.runtimeFields:
        this.#record.output({ kind: "runtime_field", name, type: undefined, field: undefined });
        break;
      case code.suggestions:
        this.#suggestion = name;
        break;
      default:
    }
  }

  enter(entered: number): void {
    if (entered !== code.aggregation) return;
    const above = this.#open.at(-1);
    const isDeep = this.#open.length >= maxJoined;
    const path = above === undefined ? this.#name : `${above.path}>${this.#name}`;
    const joined = isDeep ? (above?.path ?? "") : path;
    this.#open.push({ path: joined, type: undefined, hasField: false });
  }

  leave(left: number): void {
    if (left !== code.aggregation) return;
    const open = this.#open.pop();
    if (open?.type === undefined || open.hasField) return;
    this.#record.output({
      kind: "aggregation",
      name: open.path,
      type: open.type,
      field: undefined,
    });
  }

  /** A field that an aggregation or suggester reads. */
  field(found: number, text: string): void {
    const field = text.slice(0, maxNameLength);
    const name = this.#suggestion;
    if (found === code.suggestionField)
      return this.#record.output({ kind: "suggestion", name, type: undefined, field });
    if (found === code.termField)
      return this.#record.output({ kind: "term", name: "", type: undefined, field });
    const open = this.#open.at(-1);
    if (open === undefined) return;
    open.hasField = true;
    this.#record.output({ kind: "aggregation", name: open.path, type: open.type, field });
  }
}
