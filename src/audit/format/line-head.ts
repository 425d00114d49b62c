/**
 * What a line in a buffer is and whose it is, found by looking at its first bytes: readers of whole
 * trails ask this of every line. What the quick look does not know is asked of `line-reader.ts`.
 */
import { Buffer } from "node:buffer";

import type { LineFacts } from "./line-facts.ts";
import { lineFacts } from "./line-reader.ts";

/** What a line does for the exchange or session with its id. */
export type HeadKind =
  /** Its first record: the request, or the decision. */
  | "opening"
  /** Its last record. */
  | "closing"
  /** A record of its own: a gap, or something about the trail. */
  | "single"
  /** No record that is known; perhaps none at all. */
  | "unknown";

const code = (character: string): number => character.charCodeAt(0);
const [brace, quote, colon, blank] = [code("{"), code('"'), code(":"), code(" ")];
const [zero, nine] = [code("0"), code("9")];

// `{"@timestamp":"2026-11-23T04:24:11.123500000Z","event":{"kind":"event","dataset":
// "es_proxy.audit","sequence":`, all of it of fixed length.
const ecsTimeAt = 15;
const ecsSequenceNameAt = 98;
const ecsSequenceAt = 109;
const idLength = 36;
const ecsId = Buffer.from('"id":"', "latin1");
const ecsOwnAction = Buffer.from('","action":"audit.', "latin1");
// `2026-11-23 04:24:11.123500000 ID: `
const textIdNameAt = 29;
const textIdAt = 34;
const textStatus = Buffer.from(" Status: ", "latin1");
// At the beginning, but for an erased record.
const timeForm =
  /^(?:(?:\{"es_proxy":\{"record":"erased".*?,)?\{?"@timestamp":")?\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d\.\d{9}/;
const timeLength = "2026-11-23T04:24:11.123500000".length;
const [userKey, gapKey] = [code("U"), code("G")];

/**
 * Looks at one line after the other; the fields tell of the last one. One object for a whole trail,
 * so that a line costs no allocation.
 */
export class LineHead {
  kind: HeadKind = "unknown";
  /** Where the id begins in the buffer; -1: the line has none. */
  idAt = -1;
  /** Where the timestamp begins in the buffer; -1: not known. */
  timeAt = -1;
  /** The next ` Status: ` in the present buffer, as far as it has been searched for. */
  #statusAt = -1;

  /** The bytes of the buffer are others now. */
  reset(): void {
    this.#statusAt = -1;
  }

  /** Looks at the line from `at` to `end`, its line feed. */
  read(bytes: Buffer, at: number, end: number): void {
    if (bytes[at] === brace) this.#readEcs(bytes, at, end);
    else this.#readText(bytes, at, end);
  }

  #readEcs(bytes: Buffer, at: number, end: number): void {
    const nameAt = at + ecsSequenceNameAt;
    if (
      end - at < ecsSequenceAt + idLength ||
      bytes[nameAt] !== quote ||
      bytes[nameAt + 1] !== code("s") ||
      bytes[nameAt + 10] !== colon
    ) {
      this.#readSlowly(bytes, at, end);
      return;
    }
    let next = at + ecsSequenceAt;
    for (let digit = bytes[next] ?? 0; digit >= zero && digit <= nine; digit = bytes[next] ?? 0)
      next += 1;
    const isClosing = bytes[next + 2] === code("o");
    const idAt = isClosing ? idBehind(bytes, next, end) : next + 7;
    if (idAt < next || idAt + idLength > end || bytes[idAt - 1] !== quote) {
      this.#readSlowly(bytes, at, end);
      return;
    }
    this.timeAt = at + ecsTimeAt;
    this.idAt = idAt;
    if (isClosing) this.kind = "closing";
    else this.kind = isAt(bytes, idAt + idLength, ecsOwnAction) ? "single" : "opening";
  }

  #readText(bytes: Buffer, at: number, end: number): void {
    if (
      end - at < textIdAt + idLength ||
      bytes[at + textIdNameAt] !== blank ||
      bytes[at + textIdNameAt + 1] !== code("I") ||
      bytes[at + textIdNameAt + 3] !== colon
    ) {
      this.#readSlowly(bytes, at, end);
      return;
    }
    const key = bytes[at + textIdAt + idLength + 1];
    if (key !== userKey && key !== gapKey) {
      this.#readSlowly(bytes, at, end);
      return;
    }
    this.timeAt = at;
    this.idAt = at + textIdAt;
    if (key === gapKey) this.kind = "single";
    else this.kind = this.#nextStatus(bytes, at) < end ? "closing" : "opening";
  }

  /** No value holds `: `, so this key stands at its own place only. */
  #nextStatus(bytes: Buffer, at: number): number {
    if (this.#statusAt < at) {
      const found = bytes.indexOf(textStatus, at);
      this.#statusAt = found < 0 ? Infinity : found;
    }
    return this.#statusAt;
  }

  #readSlowly(bytes: Buffer, at: number, end: number): void {
    const line = bytes.toString("latin1", at, end);
    const { kind, id } = lineFacts(line);
    this.kind = id === "" ? "unknown" : kindOf(kind);
    this.idAt = id === "" ? -1 : at + line.indexOf(id);
    const timeAt = timePlace(line);
    this.timeAt = timeAt < 0 ? -1 : at + timeAt;
  }
}

/** Where the timestamp stands in a line, perhaps a cut one, of any kind; -1: nowhere. */
function timePlace(line: string): number {
  const [found] = timeForm.exec(line) ?? [];
  return found === undefined ? -1 : line.indexOf(found) + found.length - timeLength;
}

/** Where the id begins that stands somewhere behind a place; -1: nowhere. */
function idBehind(bytes: Buffer, from: number, end: number): number {
  // A loop is faster than a call that searches so few bytes.
  for (let at = from; at < end; at += 1)
    if (bytes[at] === colon && isAt(bytes, at - 4, ecsId)) return at + 2;
  return -1;
}

function kindOf(kind: LineFacts["kind"]): HeadKind {
  switch (kind) {
    case "request":
      return "opening";
    case "response":
      return "closing";
    case "gap":
    case "event":
      return "single";
    case "other":
      return "unknown";
  }
}

/**
 * The instant of a timestamp, in milliseconds since the epoch; NaN when none stands there. Both
 * formats write `YYYY-MM-DD?HH:MM:SS.nnnnnnnnn`, UTC.
 */
export function timeOfLine(bytes: Buffer, at: number): number {
  if (at < 0) return Number.NaN;
  if (!isAt(bytes, at, lastSecond)) {
    const text = bytes.toString("latin1", at, at + lastSecond.length);
    lastSecondMs = Date.parse(`${text.slice(0, 10)}T${text.slice(11)}Z`);
    bytes.copy(lastSecond, 0, at, at + lastSecond.length);
  }
  // `.nnn`
  const millis =
    (digitAt(bytes, at + 20) * 10 + digitAt(bytes, at + 21)) * 10 + digitAt(bytes, at + 22);
  return lastSecondMs + millis;
}

/** The second that was asked for last: the next line is mostly of the same. */
const lastSecond = Buffer.alloc("2026-11-23T04:24:11".length);
let lastSecondMs = Number.NaN;

function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] ?? 0) - zero;
  return digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index += 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}
