/** Finds ids of cursors in a body that passes in pieces. */
import { Buffer } from "node:buffer";
import type { IdForm } from "./cursor-ids.ts";
import { firstHidden, isBinary, type WatchedForm } from "./hidden-names.ts";

/** An id is not longer, in bytes: that of a point in time holds 60 and more for each shard. */
const maxId = 1_048_576;
/** Bytes behind a name that are read first. */
const firstRead = 64;
/** A body names no more of them: `_msearch` may, in each of its items. */
const maxIds = 1000;
/** An answer that opens a cursor says so within its first bytes. */
const answerStart = 512;
/** Behind the name of an id: nothing yet, or what separates it from the id. */
const mayFollow = /^["']?\s*(?::|$)/;
const beforeName = /["'\s{_]$/;
const escapes = /\\(?:u00([0-9a-f]{2})|(.))/gi;

/** Searches one body for ids behind one name. Resumable. */
export class IdSearch {
  readonly ids: string[] = [];
  /** An id stands there that cannot be read. */
  isUnreadable = false;
  readonly #form: IdForm;
  readonly #mark: Buffer;
  readonly #isAnswer: boolean;
  readonly #written: WatchedForm;
  #searched = 0;
  #tail: Buffer = Buffer.alloc(0);
  /** What follows a name, until its id has ended. */
  #behind: Buffer[] | undefined = undefined;
  #behindBytes = 0;
  /** So many bytes of it are read next: reading starts anew each time. */
  #nextRead = 0;

  /**
   * @param isAnswer the id stands at the beginning
   * @param written how the body is written
   */
  constructor(form: IdForm, isAnswer: boolean, written: WatchedForm) {
    this.#form = form;
    this.#mark = Buffer.from(form.mark);
    this.#isAnswer = isAnswer;
    this.#written = written;
  }

  /** Nothing more is to be found. */
  get isOver(): boolean {
    if (this.isUnreadable) return true;
    if (!this.#isAnswer || this.#behind !== undefined) return false;
    return this.ids.length > 0 || this.#searched > answerStart;
  }

  write(bytes: Buffer, start: number, end: number): void {
    let piece = bytes.subarray(start, end);
    while (piece.length > 0 && !this.isOver) {
      const rest = this.#behind === undefined ? this.#search(piece) : this.#read(piece);
      if (rest === undefined) return;
      piece = rest;
    }
  }

  finish(): void {
    let rest = this.#readBehind();
    while (rest !== undefined && !this.isOver) {
      rest = this.#search(rest);
      if (rest !== undefined) rest = this.#read(rest) ?? this.#readBehind();
    }
    if (this.#behind !== undefined) this.isUnreadable = true;
  }

  /** @returns what follows the next name; `undefined`: there is none */
  #search(piece: Buffer): Buffer | undefined {
    const joined = this.#tail.length === 0 ? piece : Buffer.concat([this.#tail, piece]);
    if (!this.#isAnswer) this.isUnreadable ||= hidesNames(joined, this.#written);
    let at = joined.indexOf(this.#mark);
    while (at >= 0) {
      const behind = at + this.#mark.length;
      if (this.#mayName(joined, at, behind)) {
        this.#tail = Buffer.alloc(0);
        this.#behind = [];
        this.#behindBytes = 0;
        this.#nextRead = 0;
        this.#searched += behind;
        return joined.subarray(behind);
      }
      at = joined.indexOf(this.#mark, at + 1);
    }
    this.#searched += piece.length;
    // With the byte before it.
    this.#tail = Buffer.from(joined.subarray(-this.#mark.length - 1));
    return undefined;
  }

  #mayName(bytes: Buffer, at: number, behind: number): boolean {
    if (isBinary(this.#written)) return true;
    if (at === 0 && this.#searched > this.#tail.length) return false;
    if (at > 0 && !beforeName.test(String.fromCharCode(bytes[at - 1] ?? 0))) return false;
    return mayFollow.test(bytes.toString("latin1", behind, behind + 64));
  }

  /** @returns what follows the id; `undefined`: it goes on */
  #read(piece: Buffer): Buffer | undefined {
    this.#behind?.push(Buffer.from(piece));
    this.#behindBytes += piece.length;
    return this.#behindBytes < this.#nextRead ? undefined : this.#readBehind();
  }

  #readBehind(): Buffer | undefined {
    if (this.#behind === undefined) return undefined;
    const all = Buffer.concat(this.#behind);
    const text = all.toString("latin1");
    // The name ended where a piece did: only now it is known what follows.
    if (!isBinary(this.#written) && !mayFollow.test(text.slice(0, 64))) {
      this.#behind = undefined;
      return all;
    }
    const found = isBinary(this.#written) ? binaryId(text) : textId(text, this.#form.form);
    if (found === undefined && all.length < maxId) {
      this.#behind = [all];
      this.#nextRead = Math.max(firstRead, all.length * 2);
      return undefined;
    }
    this.#behind = undefined;
    if (found === undefined || found.id === "") {
      this.isUnreadable = true;
      return all;
    }
    this.ids.push(found.id);
    if (this.ids.length > maxIds) this.isUnreadable = true;
    return all.subarray(found.end);
  }
}

/** Whether names may stand there that a search does not find. */
function hidesNames(bytes: Buffer, written: WatchedForm): boolean {
  if (firstHidden(bytes, written, -1) >= 0) return true;
  return !isBinary(written) && bytes.includes(0);
}

interface Found {
  readonly id: string;
  readonly end: number;
}

function textId(text: string, form: RegExp): Found | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [whole, escaped = ""] = match;
  return { id: unescaped(escaped), end: whole.length };
}

function unescaped(id: string): string {
  return id.replaceAll(escapes, (_, digits?: string, char?: string) =>
    digits === undefined ? (char ?? "") : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** A text of CBOR (RFC 8949 §3): its length, in up to four bytes, and its bytes. */
function binaryId(text: string): Found | undefined {
  const head = text.charCodeAt(0);
  if (Number.isNaN(head)) return undefined;
  // A `cursor` that is none.
  if (head < 0x60 || head > 0x7a) return { id: "", end: 1 };
  const lengthBytes = head < 0x78 ? 0 : 1 << (head - 0x78);
  const from = 1 + lengthBytes;
  if (text.length < from) return undefined;
  let length = lengthBytes === 0 ? head - 0x60 : 0;
  for (let at = 1; at < from; at += 1) length = length * 256 + text.charCodeAt(at);
  return text.length < from + length
    ? undefined
    : { id: text.slice(from, from + length), end: from + length };
}

/** The id behind the last name in the end of a body; `undefined`: there is none. */
export function lastId(end: Buffer, form: IdForm, isBinary: boolean): string | undefined {
  const at = end.lastIndexOf(form.mark);
  if (at < 0) return undefined;
  const text = end.toString("latin1", at + form.mark.length);
  return (isBinary ? binaryId(text) : textId(text, form.form))?.id;
}
