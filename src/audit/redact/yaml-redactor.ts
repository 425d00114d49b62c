/** Redacts YAML line by line, by the indentation of block mappings (YAML 1.2.2 §8). */
import { Buffer } from "node:buffer";
import { decodeEscapes } from "../../elasticsearch/body/json-text.ts";
import type { BodyRules } from "./body-rules.ts";
import { descendants, isSecretName, isValueMember } from "./name-bits.ts";
import { HiddenText } from "./hidden-text.ts";
import { SegmentRedactor } from "./segment-redactor.ts";
import { wantedBytes } from "./byte-search.ts";
import { byteSet, isHarmless } from "./text-bytes.ts";
import { TextRules } from "./text-rules.ts";

const lineEnds = wantedBytes("\n");
const jsonEscapes = byteSet('"\\/bfnrtu');
/** Behind these a node begins; behind `:` and `-` also text, of which nobody can tell. */
const beginsNode = byteSet("[{,:-?");
const space = 0x20;
const dash = 0x2d;
const colon = 0x3a;
const backslash = 0x5c;

/** Kinds of bytes that need a second look at their line. */
const kind = { quote: 1, backslash: 2, reference: 4, encoding: 8, foreign: 16 } as const;
const kinds = new Uint8Array(256).fill(kind.foreign, 0x80);
kinds[0] = kind.foreign;
kinds[0x22] = kind.quote;
kinds[0x25] = kind.encoding;
kinds[0x26] = kind.reference | kind.encoding;
kinds[0x2a] = kind.reference;
kinds[backslash] = kind.backslash | kind.encoding;

/** The key of a line and what follows its colon; indexes of the line. */
interface YamlPair {
  /** Column of the key. */
  readonly column: number;
  /** Where the name stands, from `start` to `end`. */
  readonly name: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** First byte of the value that is not blank. */
  readonly value: number;
}

/**
 * One body of YAML; see `BodyRedactor`. A secret is removed with all lines that belong to it. Stops
 * where a line cannot be judged alone: at anchors, complex keys, escapes of YAML's own, and values
 * in quotes or brackets that go on in the next line.
 */
export class YamlRedactor extends SegmentRedactor {
  readonly #rules: BodyRules;
  readonly #text: TextRules;
  readonly #hidden: HiddenText;
  /** Column of the key whose value is being removed; -1: none is. */
  #removal = -1;
  /** Of the bytes of the line. */
  #kinds = 0;

  constructor(rules: BodyRules) {
    super(rules.key, lineEnds);
    this.#rules = rules;
    this.#text = new TextRules(rules);
    this.#hidden = new HiddenText(rules);
  }

  protected override examine(
    bytes: Buffer,
    start: number,
    end: number,
    position: number,
    isLast: boolean,
  ): boolean {
    let last = end;
    while (last > start && isBlank(bytes[last - 1] ?? 0)) last -= 1;
    let first = start;
    while (first < last && isBlank(bytes[first] ?? 0)) first += 1;
    if (first === last) return true;
    if (this.beginsFormPart(bytes, first, last)) return false;
    this.#kinds = kindsIn(bytes, first, last);
    if (this.#has(kind.foreign) && !this.isReadable(bytes, first, last)) return false;
    const mayEscape = this.#has(kind.quote) && this.#has(kind.backslash);
    if (mayEscape && hasOwnEscape(bytes, first, last)) return false;
    const shift = position - start;
    if (this.#belongsToSecret(bytes, start, first)) {
      this.#remove(bytes, first, last, shift);
      return true;
    }
    this.#removal = -1;
    const content = behindDashes(bytes, first, last);
    const isFlow = opensFlow(bytes, content);
    const pair = isFlow ? undefined : pairOf(bytes, start, content, last);
    if (pair !== undefined && this.#isSecret(pair)) {
      this.#removal = pair.column;
      this.#text.find(bytes, start, start);
      if (!isHarmless(bytes, pair.value, last)) this.#remove(bytes, pair.value, last, shift);
      return isWholeValue(bytes, pair.value, last);
    }
    const value = pair?.value ?? content;
    if (bytes[value] === 0x3f) return false;
    if (this.#has(kind.reference) && hasReference(bytes, content, last)) return false;
    if (!opensFlow(bytes, value)) return this.#scan(bytes, start, end, shift, isLast);
    return isWholeValue(bytes, value, last) && this.#scanFlow(bytes, value, last, shift);
  }

  /** Deeper lines belong to the value, and so does a sequence at the column of the key. */
  #belongsToSecret(bytes: Buffer, start: number, first: number): boolean {
    if (this.#removal < 0) return false;
    const column = first - start;
    return column > this.#removal || (column === this.#removal && isDash(bytes, first));
  }

  #isSecret({ name, start, end }: YamlPair): boolean {
    const { names, extra, hasNeighbours } = this.#rules;
    const bits = names === undefined ? 0 : names.match(name, start, end);
    const added = extra === undefined ? 0 : extra.match(name, start, end);
    if (((bits | added) & (isSecretName | descendants)) !== 0) return true;
    return hasNeighbours && (bits & isValueMember) !== 0;
  }

  #remove(bytes: Buffer, from: number, to: number, shift: number): void {
    if (to <= from) return;
    const marker = this.markers.marker(bytes, from, to, from + shift, true);
    this.out.replace(from + shift, to + shift, marker, "");
  }

  /** A collection in brackets: from the first secret on, all of it is removed. */
  #scanFlow(bytes: Buffer, from: number, last: number, shift: number): boolean {
    const found = this.#text.find(bytes, from, last);
    const first = found > 0 ? (this.#text.spans.from[0] ?? from) : last;
    this.#text.find(bytes, from, from);
    const hides = this.#hidden.hidesMore(bytes, from, first, this.#text.spans);
    this.#remove(bytes, first, last, shift);
    return !hides;
  }

  #scan(bytes: Buffer, start: number, end: number, shift: number, isLast: boolean): boolean {
    if (isLast) this.#text.findLast(bytes, start, end);
    else this.#text.findNext(bytes, start, end);
    const { spans } = this.#text;
    if (this.#has(kind.encoding) && this.#hidden.hidesMore(bytes, start, end, spans)) return false;
    this.replaceAll(spans, bytes, shift);
    return true;
  }

  #has(one: number): boolean {
    return (this.#kinds & one) !== 0;
  }
}

/** The kinds of all bytes. */
function kindsIn(bytes: Buffer, first: number, last: number): number {
  let found = 0;
  for (let at = first; at < last; at += 1) found |= kinds[bytes[at] ?? 0] ?? 0;
  return found;
}

/** Whether an escape stands in quotes that JSON has not: it may hide a name (YAML 1.2.2 §5.7). */
function hasOwnEscape(bytes: Buffer, first: number, last: number): boolean {
  let at = first;
  while (at < last && bytes[at] !== 0x22) at += 1;
  for (; at < last; at += 1) {
    if (bytes[at] !== backslash) continue;
    at += 1;
    if (jsonEscapes[at < last ? (bytes[at] ?? 0) : 0] === 0) return true;
  }
  return false;
}

/** Whether an anchor or an alias stands in a line, which may be a key (YAML 1.2.2 §6.9.2, §7.1). */
function hasReference(bytes: Buffer, from: number, last: number): boolean {
  for (let at = from; at + 1 < last; at += 1) {
    if ((bytes[at] !== 0x26 && bytes[at] !== 0x2a) || isBlank(bytes[at + 1] ?? 0)) continue;
    let before = at;
    while (before > from && isBlank(bytes[before - 1] ?? 0)) before -= 1;
    if (before === from || beginsNode[bytes[before - 1] ?? 0] === 1) return true;
  }
  return false;
}

/** Index behind the dashes of sequences. */
function behindDashes(bytes: Buffer, first: number, last: number): number {
  let from = first;
  while (isDash(bytes, from) && from < last) {
    from += 1;
    while (from < last && bytes[from] === space) from += 1;
  }
  return from;
}

/** Whether a collection in brackets begins (YAML 1.2.2 §7.4). */
function opensFlow(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

/** `key: value`, perhaps behind the dashes of sequences; `undefined`: no key stands in the line. */
function pairOf(bytes: Buffer, start: number, from: number, last: number): YamlPair | undefined {
  const quote = bytes[from] ?? 0;
  const isQuoted = quote === 0x22 || quote === 0x27;
  let end = isQuoted ? closingQuote(bytes, from + 1, last, quote) : from;
  if (end < 0) return undefined;
  let behind = isQuoted ? end + 1 : end;
  if (isQuoted) while (behind < last && isBlank(bytes[behind] ?? 0)) behind += 1;
  else {
    while (behind < last && !isColon(bytes, behind, last)) behind += 1;
    end = behind;
  }
  if (behind >= last || !isColon(bytes, behind, last)) return undefined;
  let value = behind + 1;
  while (value < last && isBlank(bytes[value] ?? 0)) value += 1;
  const column = from - start;
  if (!isQuoted) return { column, name: bytes, start: from, end, value };
  const name = unescaped(bytes, from + 1, end);
  return { column, name, start: 0, end: name.length, value };
}

/** Whether a value in quotes or brackets ends in its line. */
function isWholeValue(bytes: Buffer, from: number, last: number): boolean {
  const first = bytes[from] ?? 0;
  if (first === 0x22 || first === 0x27) return closingQuote(bytes, from + 1, last, first) >= 0;
  if (first === 0x7b || first === 0x5b) return bytes[last - 1] === first + 2;
  return true;
}

function closingQuote(bytes: Buffer, from: number, last: number, quote: number): number {
  for (let at = from; at < last; at += 1) {
    if (bytes[at] === backslash && quote === 0x22) at += 1;
    else if (bytes[at] === quote) return at;
  }
  return -1;
}

function unescaped(bytes: Buffer, from: number, to: number): Buffer {
  const name = Buffer.allocUnsafe(to - from);
  return name.subarray(0, decodeEscapes(bytes, from, to, name));
}

function isColon(bytes: Buffer, at: number, last: number): boolean {
  return bytes[at] === colon && (at + 1 >= last || isBlank(bytes[at + 1] ?? 0));
}

function isDash(bytes: Buffer, at: number): boolean {
  return bytes[at] === dash && isBlank(bytes[at + 1] ?? space);
}

function isBlank(byte: number): boolean {
  return byte === space || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}
