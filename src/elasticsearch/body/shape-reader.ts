import type { Buffer } from "node:buffer";
import type { JsonKind, JsonVisitor } from "./json-visitor.ts";
import type { Shape } from "./shape.ts";

/** Takes what a {@link ShapeReader} finds. Codes are those of the shapes, never 0. */
export interface ShapeSink {
  /** An object begins. */
  enter(code: number): void;
  /** The object has ended. */
  leave(code: number): void;
  /**
   * A scalar; the JSON scanner says which.
   *
   * @returns false: it makes no difference what stands in it
   */
  value(code: number, kind: JsonKind): boolean;
  /** The name of a member that has no shape of its own, before its value, if its shape says so. */
  name(code: number, bytes: Buffer, start: number, end: number): void;
  /** An array begins, if its shape says so. */
  array?(code: number): void;
  /** A value whose shape is foreign begins: who reads it. Undefined: nobody. */
  foreign(code: number): JsonVisitor | undefined;
}

/**
 * Tells a {@link ShapeSink} what a {@link Shape} wants of a JSON text; everything else is passed
 * over. Its memory is one reference for each open object or array.
 */
export class ShapeReader implements JsonVisitor {
  readonly #sink: ShapeSink;
  /** Shapes of what is open; `#depth` of them are valid. */
  readonly #shapes: Shape[] = [];
  #depth = 0;
  #next: Shape;
  /** Reads the inside of a foreign value. */
  #foreign: JsonVisitor | undefined = undefined;
  /** Objects and arrays open in the foreign value. */
  #foreignDepth = 0;

  constructor(root: Shape, sink: ShapeSink) {
    this.#sink = sink;
    this.#next = root;
  }

  /** Makes ready for another text. */
  reset(root: Shape): void {
    // A length is set slowly; what stays behind are shapes, which live as long as the process.
    this.#depth = 0;
    this.#next = root;
    this.#foreign = undefined;
    this.#foreignDepth = 0;
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    if (this.#foreign !== undefined) return this.#foreign.key(bytes, start, end);
    const top = this.#shapes[this.#depth - 1];
    if (top === undefined) return false;
    const own = top.member(bytes, start, end);
    if (own !== undefined) {
      this.#next = own;
      return true;
    }
    const { rest } = top;
    if (rest === undefined) return false;
    if (top.tellsNames) this.#sink.name(top.code, bytes, start, end);
    this.#next = rest;
    return true;
  }

  open(isArray: boolean): boolean {
    if (this.#foreign !== undefined) {
      this.#foreignDepth += 1;
      return this.#foreign.open(isArray);
    }
    const shape = this.#next;
    if (shape.isForeign) {
      this.#foreign = this.#sink.foreign(shape.code);
      this.#foreignDepth = 1;
      this.#shapes[this.#depth++] = shape;
      return this.#foreign?.open(isArray) ?? false;
    }
    this.#shapes[this.#depth++] = shape;
    if (isArray) {
      if (shape.tellsArrays) this.#sink.array?.(shape.code);
      this.#next = shape.elements;
      return true;
    }
    // An object in place of a scalar tells nothing.
    if (shape.hasMembers && shape.code !== 0) this.#sink.enter(shape.code);
    return shape.hasMembers;
  }

  close(isArray: boolean): void {
    if (this.#foreign !== undefined) {
      this.#foreign.close(isArray);
      this.#foreignDepth -= 1;
      if (this.#foreignDepth > 0) return;
      this.#foreign = undefined;
    }
    this.#depth -= 1;
    const shape = this.#shapes[this.#depth];
    if (shape === undefined) return;
    // Matters when it was an element: a member's shape is set by its name.
    // An index of -1 would be looked up by name, slowly.
    const around = this.#depth === 0 ? undefined : this.#shapes[this.#depth - 1];
    this.#next = around?.elements ?? shape;
    if (!isArray && shape.hasMembers && shape.code !== 0) this.#sink.leave(shape.code);
  }

  scalar(kind: JsonKind): boolean {
    if (this.#foreign !== undefined) return this.#foreign.scalar(kind);
    const { code } = this.#next;
    return code !== 0 && this.#sink.value(code, kind);
  }
}
