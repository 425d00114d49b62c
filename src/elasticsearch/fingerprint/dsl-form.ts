/** The form of a JSON body in the query DSL, built while it is scanned. */
import type { Buffer } from "node:buffer";

import type { JsonScanner } from "../body/json-scanner.ts";
import { type JsonKind, jsonKind, type JsonVisitor } from "../body/json-visitor.ts";
import { shortHash } from "./fingerprint.ts";
import type { Shape, ShapeMember } from "./dsl-shapes.ts";

/** Characters that all open objects and arrays may hold together; a query has some thousands. */
const maxHeld = 1_048_576;
/** A part longer than this stands as its hash, so that wide bodies stay cheap to put together. */
const maxPart = 16_384;
/** Elasticsearch's own limits (30 nested bool clauses) are far below. */
const maxDepth = 400;

/** An object or array that is open. */
interface Frame {
  readonly shape: Shape;
  readonly isArray: boolean;
  /** Forms of elements, or of members with their keys. */
  readonly parts: string[];
  /** Those of `parts`, where each is kept once only. */
  readonly seen: Set<string> | undefined;
  /** The member that comes next. */
  member: ShapeMember | undefined;
  held: number;
}

/** Makes the form of one JSON value. */
export class DslForm implements JsonVisitor {
  /** The form of the whole value; undefined until it is whole, or when it is too large. */
  form: string | undefined = undefined;
  /** Forms of the outermost object's members. */
  readonly members = new Map<string, string>();
  readonly #root: Shape;
  readonly #scanner: () => JsonScanner;
  readonly #textForm: (text: string) => string;
  readonly #frames: Frame[] = [];
  #held = 0;
  #isTooLarge = false;
  #next: Shape;

  /**
   * @param scanner that calls this visitor
   * @param textForm form of scalars that stay
   */
  constructor(root: Shape, scanner: () => JsonScanner, textForm: (text: string) => string) {
    this.#root = root;
    this.#next = root;
    this.#scanner = scanner;
    this.#textForm = textForm;
  }

  reset(): void {
    this.form = undefined;
    this.members.clear();
    this.#frames.length = 0;
    this.#held = 0;
    this.#isTooLarge = false;
    this.#next = this.#root;
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    const frame = this.#frames.at(-1);
    if (frame === undefined || this.#isTooLarge) return false;
    frame.member = frame.shape.member(bytes, start, end);
    const { shape } = frame.member;
    if (shape === undefined) return false;
    this.#next = shape;
    return true;
  }

  open(isArray: boolean): boolean {
    const shape = this.#next;
    const isTooDeep = this.#frames.length >= maxDepth;
    if (isTooDeep) this.#isTooLarge = true;
    const isSet = isArray && shape.order === "set";
    const seen = isSet ? new Set<string>() : undefined;
    this.#frames.push({ shape, isArray, parts: [], seen, member: undefined, held: 0 });
    return !this.#isTooLarge;
  }

  close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    this.#held -= frame.held;
    this.#add(frame.shape, frame.isArray, frame.isArray ? arrayForm(frame) : objectForm(frame));
  }

  scalar(kind: JsonKind): boolean {
    const shape = this.#next;
    if (!shape.keepsScalars) {
      this.#add(shape, false, "?");
      return false;
    }
    const text = this.#scanner().text();
    this.#add(shape, false, kind === jsonKind.string ? this.#textForm(text) : text);
    return true;
  }

  /** Takes the form of a value that is whole. */
  #add(shape: Shape, isArray: boolean, whole: string): void {
    const frame = this.#frames.at(-1);
    const isSingle = shape.isList && !isArray && frame?.isArray !== true;
    let form = isSingle ? `[${whole}]` : whole;
    if (frame === undefined) {
      if (!this.#isTooLarge) this.form = form;
      return;
    }
    if (form.length > maxPart && this.#frames.length > 1) form = `#${shortHash(form)}`;
    if (!frame.isArray) {
      const { key = "", keyForm = "" } = frame.member ?? {};
      if (this.#frames.length === 1) this.members.set(key, form);
      if (!frame.shape.dropsKeys) form = keyForm + form;
    } else this.#next = frame.shape;
    if (frame.seen?.has(form) === true) return;
    frame.seen?.add(form);
    frame.parts.push(form);
    frame.held += form.length;
    this.#held += form.length;
    if (this.#held > maxHeld) this.#isTooLarge = true;
  }
}

function arrayForm({ shape, parts }: Frame): string {
  if (shape.order !== "sequence" && parts.length > 1) parts.sort();
  // An empty list of values is a list of values.
  if (parts.length === 0 && shape.order === "set" && !shape.keepsScalars) return "[?]";
  return `[${parts.join(",")}]`;
}

function objectForm({ shape, parts }: Frame): string {
  if (parts.length > 1) parts.sort();
  return shape.dropsKeys ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}
