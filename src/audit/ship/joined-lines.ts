/** The members of two lines as those of one document: the first line, with what is edited in it. */
import type { Buffer } from "node:buffer";

import { maxMembers, type LineMembers } from "../format/ecs/line-members.ts";

const comma = 0x2c;
const [openBracket, closeBracket] = [0x5b, 0x5d];
/** More differences between two lines are left to those who parse them. */
const maxEdits = 32;
/** Shorter parts are copied faster in a loop than by a call. Bytes. */
const callBytes = 48;

/** What is done to the first line on its way into the document. */
const [becomesList, ends] = [0, 1];

/**
 * Joins what two readers of lines have read last. Members of both have the first line's place;
 * where their values differ, they are a list of both. What only the last line has stands behind the
 * first line's members.
 */
export class JoinedLines {
  readonly #first: LineMembers;
  readonly #last: LineMembers;
  readonly #kept: Uint8Array;
  /** In the order of their places in the first line: from where to where it is replaced. */
  readonly #editAt = new Int32Array(maxEdits);
  readonly #editEnd = new Int32Array(maxEdits);
  readonly #editKind = new Int32Array(maxEdits);
  /** `becomesList`: members of both lines; `ends`: the object of the first line. */
  readonly #editMember = new Int32Array(maxEdits);
  readonly #editTwin = new Int32Array(maxEdits);
  #edits = 0;
  /** By object of the first line: the first member that only the last line's has; 0: none. */
  readonly #extra = new Int32Array(maxMembers);
  /** By member of the last line: the next such member. */
  readonly #nextExtra = new Int32Array(maxMembers);

  /** @param kept name of a member of the whole that is always the first line's */
  constructor(first: LineMembers, last: LineMembers, kept: Uint8Array) {
    this.#first = first;
    this.#last = last;
    this.#kept = kept;
  }

  /**
   * Finds what the last line adds to the first, or says otherwise.
   *
   * @param leftOut a member of the last line that has no place in the document; -1: none
   * @returns whether there is room for all that is to be edited
   */
  join(leftOut: number): boolean {
    this.#edits = 0;
    return this.#join(0, 0, leftOut);
  }

  #join(object: number, lastObject: number, leftOut: number): boolean {
    const [first, last] = [this.#first, this.#last];
    const [end, lastEnd] = [first.after[object] ?? 0, last.after[lastObject] ?? 0];
    this.#extra[object] = 0;
    let lastExtra = 0;
    // Both lines have their members in about the same order.
    let expected = object + 1;
    for (let member = lastObject + 1; member < lastEnd; member = last.after[member] ?? lastEnd) {
      if (member === leftOut) continue;
      let twin = -1;
      let candidate = expected < end ? expected : object + 1;
      const begun = candidate;
      const length = (last.nameEnd[member] ?? 0) - (last.nameAt[member] ?? 0);
      while (candidate < end) {
        const isAsLong =
          (first.nameEnd[candidate] ?? 0) - (first.nameAt[candidate] ?? 0) === length;
        if (isAsLong && isSameName(first, candidate, last, member)) {
          twin = candidate;
          break;
        }
        candidate = first.after[candidate] ?? end;
        if (candidate >= end) candidate = object + 1;
        if (candidate === begun) break;
      }
      if (twin < 0) {
        this.#nextExtra[member] = 0;
        if (lastExtra === 0) this.#extra[object] = member;
        else this.#nextExtra[lastExtra] = member;
        lastExtra = member;
        continue;
      }
      expected = first.after[twin] ?? end;
      // Of a document it is the first line's: when the entry began.
      if (object === 0 && first.isNamed(twin, this.#kept)) continue;
      if (first.isObject(twin) && last.isObject(member)) {
        if (!this.#join(twin, member, leftOut)) return false;
      } else if (!isSameValue(first, twin, last, member)) {
        const [at, until] = [first.valueAt[twin] ?? 0, first.valueEnd[twin] ?? 0];
        if (!this.#edit(at, until, becomesList, twin, member)) return false;
      }
    }
    if (lastExtra === 0) return true;
    const brace = (first.valueEnd[object] ?? 0) - 1;
    return this.#edit(brace, brace, ends, object, 0);
  }

  #edit(at: number, end: number, kind: number, member: number, twin: number): boolean {
    if (this.#edits === maxEdits) return false;
    let place = this.#edits;
    while (place > 0 && (this.#editAt[place - 1] ?? 0) > at) {
      this.#move(place - 1, place);
      place -= 1;
    }
    this.#editAt[place] = at;
    this.#editEnd[place] = end;
    this.#editKind[place] = kind;
    this.#editMember[place] = member;
    this.#editTwin[place] = twin;
    this.#edits += 1;
    return true;
  }

  #move(from: number, to: number): void {
    this.#editAt[to] = this.#editAt[from] ?? 0;
    this.#editEnd[to] = this.#editEnd[from] ?? 0;
    this.#editKind[to] = this.#editKind[from] ?? 0;
    this.#editMember[to] = this.#editMember[from] ?? 0;
    this.#editTwin[to] = this.#editTwin[from] ?? 0;
  }

  /** Puts a part of the first line with what is edited in it, the edits at its end included. */
  put(from: number, to: number, out: Buffer, start: number): number {
    let at = start;
    let done = from;
    for (let edit = 0; edit < this.#edits; edit += 1) {
      const editAt = this.#editAt[edit] ?? 0;
      if (editAt < from || editAt > to) continue;
      // A part may end before the brace of an object: what the object ends with belongs to it.
      if (editAt === (this.#editKind[edit] === ends ? from : to)) continue;
      at = putCut(this.#first, done, editAt, out, at);
      const member = this.#editMember[edit] ?? 0;
      at =
        this.#editKind[edit] === becomesList
          ? this.#putList(member, this.#editTwin[edit] ?? 0, out, at)
          : this.#putExtras(member, out, at);
      done = this.#editEnd[edit] ?? 0;
    }
    return putCut(this.#first, done, to, out, at);
  }

  #putList(member: number, twin: number, out: Buffer, start: number): number {
    out[start] = openBracket;
    let at = putElements(this.#first, member, out, start + 1);
    const hasSome = at > start + 1;
    if (hasSome) {
      out[at] = comma;
      at += 1;
    }
    const end = putElements(this.#last, twin, out, at);
    // An empty list adds nothing.
    if (end === at && hasSome) at -= 1;
    else at = end;
    out[at] = closeBracket;
    return at + 1;
  }

  #putExtras(object: number, out: Buffer, start: number): number {
    const last = this.#last;
    let at = start;
    let isFirst = (this.#first.after[object] ?? 0) === object + 1;
    for (let member = this.#extra[object] ?? 0; member !== 0;) {
      const from = (last.nameAt[member] ?? 0) - 1;
      let end = last.valueEnd[member] ?? 0;
      let next = this.#nextExtra[member] ?? 0;
      // What stands together is copied together.
      while (next !== 0 && (last.nameAt[next] ?? 0) - 2 === end) {
        end = last.valueEnd[next] ?? 0;
        next = this.#nextExtra[next] ?? 0;
      }
      if (!isFirst) {
        out[at] = comma;
        at += 1;
      }
      isFirst = false;
      at = putCut(last, from, end, out, at);
      member = next;
    }
    return at;
  }
}

/** Copies bytes. @returns the place behind them */
export function copy(
  from: Uint8Array,
  at: number,
  length: number,
  out: Buffer,
  to: number,
): number {
  if (length < callBytes)
    for (let index = 0; index < length; index += 1) out[to + index] = from[at + index] ?? 0;
  else (from as Buffer).copy(out, to, at, at + length);
  return to + length;
}

/** Copies a part of a line but for the bodies that are left out. */
function putCut(line: LineMembers, from: number, to: number, out: Buffer, start: number): number {
  let [at, done] = [start, from];
  for (let cut = 0; cut < line.cuts; cut += 1) {
    const [cutAt, cutEnd] = [line.cutAt[cut] ?? 0, line.cutEnd[cut] ?? 0];
    if (cutAt < done || cutAt >= to) continue;
    at = copy(line.line, done, cutAt - done, out, at);
    done = cutEnd;
  }
  return done >= to ? at : copy(line.line, done, to - done, out, at);
}

/** Puts a value without the bodies that are left out. @returns the place behind it */
export function putValue(line: LineMembers, member: number, out: Buffer, at: number): number {
  return putCut(line, line.valueAt[member] ?? 0, line.valueEnd[member] ?? 0, out, at);
}

/** A value, or what a list holds. */
function putElements(line: LineMembers, member: number, out: Buffer, at: number): number {
  if (!line.isList(member)) return putValue(line, member, out, at);
  const [from, to] = [(line.valueAt[member] ?? 0) + 1, (line.valueEnd[member] ?? 0) - 1];
  return copy(line.line, from, to - from, out, at);
}

function isSameName(first: LineMembers, one: number, last: LineMembers, other: number): boolean {
  return isSamePart(
    first.line,
    first.nameAt[one] ?? 0,
    first.nameEnd[one] ?? 0,
    last.line,
    last.nameAt[other] ?? 0,
    last.nameEnd[other] ?? 0,
  );
}

function isSameValue(first: LineMembers, one: number, last: LineMembers, other: number): boolean {
  return isSamePart(
    first.line,
    first.valueAt[one] ?? 0,
    first.valueEnd[one] ?? 0,
    last.line,
    last.valueAt[other] ?? 0,
    last.valueEnd[other] ?? 0,
  );
}

function isSamePart(
  one: Uint8Array,
  at: number,
  end: number,
  other: Uint8Array,
  otherAt: number,
  otherEnd: number,
): boolean {
  const length = end - at;
  if (length !== otherEnd - otherAt) return false;
  for (let index = 0; index < length; index += 1)
    if (one[at + index] !== other[otherAt + index]) return false;
  return true;
}
