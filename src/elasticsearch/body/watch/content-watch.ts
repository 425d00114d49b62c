import { Buffer } from "node:buffer";
import { jsonKind, maxJsonDepth, type JsonKind, type JsonVisitor } from "../json-visitor.ts";
import type { FieldAutomaton, FieldState } from "./field-automaton.ts";

/** Bytes of a field's name that are told; longer names are matched in full, and told cut. */
const maxPathBytes = 512;
const dot = 0x2e;

/** Takes the watched fields of one document; a field may come several times. */
export interface FieldSink {
  /**
   * A field has a value. `path[0, length)` is its name, valid during the call.
   * @param groups the patterns' groups that match it
   */
  field(path: Buffer, length: number, groups: number): void;
}

/**
 * Finds the watched fields in what an answer holds of a document: `_source` with nested objects or
 * dotted names, `fields`, `highlight`. A field is there when it has a value other than null, in an
 * array or not.
 */
export class ContentWatch implements JsonVisitor {
  readonly #automaton: FieldAutomaton;
  readonly #sink: FieldSink;
  readonly #path = Buffer.alloc(maxPathBytes);
  /** For each open object or array: the state behind its name, and that name's length. */
  readonly #states: FieldState[] = [];
  readonly #lengths = new Int32Array(maxJsonDepth + 1);
  #depth = 0;
  /** Of the value that comes next; the content itself has no name, and the length -1. */
  #state: FieldState;
  #length = -1;

  constructor(automaton: FieldAutomaton, sink: FieldSink) {
    this.#automaton = automaton;
    this.#sink = sink;
    this.#state = automaton.start;
  }

  /**
   * Makes ready for the content of a document, or of a nested object in it.
   *
   * @param prefix name of the nested object; undefined: the document itself
   * @returns false: no watched field can stand in it
   */
  begin(prefix: string | undefined): boolean {
    this.#depth = 0;
    this.#state = this.#automaton.start;
    this.#length = -1;
    if (prefix === undefined) return true;
    const bytes = Buffer.from(prefix);
    return this.#walk(bytes, 0, bytes.length, this.#state, this.#length);
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    const above = this.#states[this.#depth - 1];
    if (above === undefined) return false;
    return this.#walk(bytes, start, end, above, this.#lengths[this.#depth - 1] ?? -1);
  }

  open(): boolean {
    this.#states[this.#depth] = this.#state;
    this.#lengths[this.#depth] = this.#length;
    this.#depth += 1;
    return true;
  }

  close(): void {
    this.#depth -= 1;
    this.#state = this.#states[this.#depth] ?? this.#automaton.start;
    this.#length = this.#lengths[this.#depth] ?? -1;
  }

  scalar(kind: JsonKind): boolean {
    const { accepted } = this.#state;
    if (accepted !== 0 && this.#length >= 0 && kind !== jsonKind.null)
      this.#sink.field(this.#path, Math.min(this.#length, maxPathBytes), accepted);
    return false;
  }

  /** Adds a name to the one above it. */
  #walk(bytes: Buffer, start: number, end: number, above: FieldState, length: number): boolean {
    const isFirst = length < 0;
    const from = isFirst ? above : this.#automaton.step(above, dot);
    if (from === undefined) return false;
    const state = this.#automaton.walk(from, bytes, start, end);
    if (state === undefined) return false;
    let to = isFirst ? 0 : length;
    if (!isFirst) this.#path[to++] = dot;
    // Behind the end of the path nothing is stored.
    for (let at = start; at < end; at += 1) this.#path[to++] = bytes[at] ?? 0;
    this.#state = state;
    this.#length = to;
    return true;
  }
}
