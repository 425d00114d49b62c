import type { Buffer } from "node:buffer";
import { KeyTable } from "./key-table.ts";

/** Members of a shape by name; several names separated by spaces share one. */
export type Members = Readonly<Record<string, Shape>>;

/**
 * Which parts of a JSON value are wanted, and under which number they are told.
 *
 * Arrays are transparent: an array has the shape of its elements, because Elasticsearch takes one
 * value and a list of them in most places; {@link each} makes an exception. Shapes may contain
 * themselves.
 */
export class Shape {
  /**
   * Told with scalars, and with the begin and end of objects that may have members; 0: not told.
   */
  readonly code: number;
  /** The value's contents go to a visitor of their own, not through shapes. */
  readonly isForeign: boolean;
  /** Something in an object of this shape may be wanted. */
  hasMembers = false;
  /** Names of members that have no shape of their own are told. */
  tellsNames = false;
  /** An array is told where it begins: it may be empty. */
  tellsArrays = false;
  readonly #members = new Map<string, Shape>();
  #table: KeyTable<Shape> | undefined = undefined;
  #others: Shape | undefined = undefined;
  #elements: Shape = this;

  constructor(code = 0, isForeign = false) {
    this.code = code;
    this.isForeign = isForeign;
  }

  /** Adds members, in place of those of the same names. @returns itself */
  with(members: Members): this {
    for (const [names, shape] of Object.entries(members))
      for (const name of names.split(" ")) this.#members.set(name, shape);
    this.#table = undefined;
    this.hasMembers ||= this.#members.size > 0;
    return this;
  }

  /** Another shape with the same members, which can be given more of them. */
  copy(code = this.code): Shape {
    const copy = new Shape(code, this.isForeign).with(Object.fromEntries(this.#members));
    if (this.#others === undefined) return copy;
    return this.tellsNames ? copy.named(this.#others) : copy.others(this.#others);
  }

  /** Sets the shape of all members that have none of their own. @returns itself */
  others(shape: Shape): this {
    this.#others = shape;
    this.hasMembers = true;
    return this;
  }

  /** The same, and their names are told. @returns itself */
  named(shape: Shape): this {
    this.tellsNames = true;
    return this.others(shape);
  }

  /** An array is told where it begins. @returns itself */
  withArrays(): this {
    this.tellsArrays = true;
    return this;
  }

  /** Sets another shape for the elements of an array that has this one. @returns itself */
  each(shape: Shape): this {
    this.#elements = shape;
    return this;
  }

  /** Shape of an array's elements. */
  get elements(): Shape {
    return this.#elements;
  }

  /** Shape of members without their own. */
  get rest(): Shape | undefined {
    return this.#others;
  }

  /** The shape of the member `bytes[start, end)`, if it has one of its own. */
  member(bytes: Buffer, start: number, end: number): Shape | undefined {
    this.#table ??= new KeyTable([...this.#members]);
    return this.#table.find(bytes, start, end);
  }
}

/** A shape that tells scalars under `code`, and objects too when it has members. */
export function shape(code: number, members: Members = {}): Shape {
  return new Shape(code).with(members);
}

/** A shape that tells nothing of itself, only of its members. */
export function inside(members: Members): Shape {
  return new Shape().with(members);
}
