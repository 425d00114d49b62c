/** Redacts JSON and sequences of JSON texts such as NDJSON, member by member. */
import { Buffer } from "node:buffer";
import { JsonScanner } from "../../elasticsearch/body/json-scanner.ts";
import { decodeEscapes } from "../../elasticsearch/body/json-text.ts";
import {
  jsonKind,
  maxJsonDepth,
  type JsonKind,
  type JsonVisitor,
} from "../../elasticsearch/body/json-visitor.ts";
import { BodyDigest } from "./body-digest.ts";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import type { BodyRules } from "./body-rules.ts";
import { HiddenText } from "./hidden-text.ts";
import { escapedJson, mayHoldSlashes } from "./json-escapes.ts";
import * as bit from "./name-bits.ts";
import { maxHeld, RedactedOutput } from "./redacted-output.ts";
import { SecretMarkers } from "./secret-markers.ts";
import { TextRules } from "./text-rules.ts";
import { UndecidedValues } from "./undecided-values.ts";

/** Flags of an open object or array, beside the bits of its ancestors. */
const elementsAreSecret = 1;
const nextIsSecret = 2;
const neighbourIsSecret = 4;
const holdsFields = 8;
const textsAreSecret = 16;

/** A longer element of an array is not taken for the name of the next, in bytes. */
const maxPairName = 40;
const backslash = 0x5c;

/** One body of JSON; see `BodyRedactor`. Holds back at most 1 MiB of what is not decided. */
export class JsonRedactor implements BodyRedactor, JsonVisitor {
  readonly #rules: BodyRules;
  readonly #digest: BodyDigest;
  readonly #markers: SecretMarkers;
  readonly #out = new RedactedOutput();
  readonly #scanner = new JsonScanner(this, maxHeld);
  readonly #text: TextRules;
  readonly #hidden: HiddenText;
  readonly #undecided = new UndecidedValues();
  /** Names of the members that are open, by depth, each with a dot before it. */
  readonly #path: string[] = [];
  readonly #levels = new Int32Array(maxJsonDepth + 2);
  /** Position of the first byte of the current JSON text. */
  #origin = 0;
  /** Everything before this position is looked through. */
  #done = 0;
  /** What the name of the next value means. */
  #bits = 0;
  /** Where the object or array begins that is being removed; -1: none is. */
  #removal = -1;
  #isBounded = false;
  /** Where bytes are passed on to while a piece is read. */
  #sink: RedactedSink | undefined = undefined;
  /**
   * The piece may hold comments, or URLs in names: what stands between values is looked through.
   */
  #hasSlashes = false;

  constructor(rules: BodyRules) {
    this.#rules = rules;
    this.#digest = new BodyDigest(rules.key);
    this.#markers = new SecretMarkers(rules.key);
    this.#text = new TextRules(rules);
    this.#hidden = new HiddenText(rules);
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (end <= start) return;
    this.#digest.update(bytes, start, end);
    const out = this.#out;
    if (out.isStopped) return;
    out.begin(bytes, start, end);
    this.#hasSlashes ||= mayHoldSlashes(bytes, start, end);
    this.#sink = sink;
    this.#read(bytes, start, end);
    this.#sink = undefined;
    if (this.#scanner.fault !== undefined) return this.#stop(sink);
    this.#release(sink);
    if (out.hold()) return;
    // Too much is undecided: values that wait for their neighbours are removed.
    this.#isBounded = true;
    if (!this.#undecided.areWhole) return this.#stop(sink);
    this.#removeUndecided();
    this.#release(sink);
    if (!out.hold()) this.#stop(sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const out = this.#out;
    if (!out.isStopped) {
      this.#scanner.finish();
      if (this.#removal >= 0) this.#endRemoval(out.pieceEnd);
      else if (this.#undecided.areWhole) this.#examineRest();
      else this.#done = out.pieceEnd;
      this.#removeUndecided();
      out.release(out.pieceEnd, sink);
    }
    const { count, removed: secrets } = this.#markers;
    if (this.#isBounded || out.isStopped)
      return { state: "bounded", removed: count, hmac: this.#digest.hex(), secrets };
    if (count === 0) return { state: "none", removed: 0, hmac: "" };
    return { state: "redacted", removed: count, hmac: this.#digest.hex(), secrets };
  }

  /** @internal */
  key(bytes: Buffer, start: number, end: number): boolean {
    const { names, extra, paths } = this.#rules;
    let bits = names === undefined ? 0 : names.match(bytes, start, end);
    if (extra !== undefined) bits |= extra.match(bytes, start, end);
    if (paths.length > 0) bits |= this.#pathBits(bytes.toString("utf8", start, end));
    this.#bits = bits;
    return true;
  }

  /** @internal */
  open(isArray: boolean): boolean {
    const { depth } = this.#scanner;
    const from = this.#origin + this.#scanner.valueStart;
    const level = this.#levels[depth - 1] ?? 0;
    const bits = this.#takeBits();
    this.#examineGap(from);
    this.#done = from + 1;
    const isSecret = this.#isSecret(bits, level, depth - 1);
    const leadsOn = (bits & bit.isOpenMember) !== 0 || (level & holdsFields) !== 0;
    if (isSecret && !leadsOn && (level & elementsAreSecret) === 0) {
      this.#removal = from;
      this.#markers.begin(from, (bits & bit.isRemovedName) === 0);
      return false;
    }
    let flags = (level | bits) & bit.ancestors;
    if (isArray && isSecret) flags |= elementsAreSecret;
    const holdsTexts = (bits & bit.isSecretTextName) !== 0 || (level & textsAreSecret) !== 0;
    if (isArray && holdsTexts) flags |= textsAreSecret;
    if (this.#rules.hasFields && (bits & bit.isFieldsMember) !== 0) flags |= holdsFields;
    this.#levels[depth] = flags;
    if (this.#rules.hasNeighbours && (bits & bit.isValueMember) !== 0)
      this.#undecided.add(depth - 1, from, -1, false);
    return true;
  }

  /** @internal */
  close(): void {
    const end = this.#origin + this.#scanner.valueEnd;
    if (this.#removal >= 0) return this.#endRemoval(end);
    this.#examineGap(end - 1);
    this.#done = end;
    this.#undecided.close(this.#scanner.depth, end);
  }

  /** @internal */
  scalar(kind: JsonKind): boolean {
    this.#take(kind);
    return true;
  }

  #take(kind: JsonKind): void {
    const scanner = this.#scanner;
    const { depth } = scanner;
    const from = this.#origin + scanner.valueStart;
    const to = this.#origin + scanner.valueEnd;
    const level = this.#levels[depth] ?? 0;
    const bits = this.#takeBits();
    this.#examineGap(from);
    this.#done = to;
    if (kind > jsonKind.number) {
      const isSensitive = kind === jsonKind.true && (bits & bit.isSensitivityMember) !== 0;
      if (this.#rules.hasNeighbours && isSensitive) this.#neighbourNamesSecret(depth);
      return;
    }
    const isString = kind === jsonKind.string;
    if (this.#isSecret(bits, level, depth)) {
      if (scanner.end > scanner.start) this.#remove(from, to, (bits & bit.isRemovedName) === 0);
      return;
    }
    const isSecretText = ((bits & bit.isSecretTextName) | (level & textsAreSecret)) !== 0;
    if (isString && isSecretText && scanner.end > scanner.start)
      return this.#remove(from, to, (bits & bit.isRemovedName) === 0);
    if (isString && this.#removesString(bits, from)) return;
    if (this.#rules.hasNeighbours && (bits & bit.isValueMember) !== 0)
      this.#undecided.add(depth, from, to, isString);
  }

  /** What the paths of the configuration say about a member. */
  #pathBits(name: string): number {
    const { depth } = this.#scanner;
    const path = `${this.#path.slice(0, depth).join("")}.${name}`;
    this.#path.length = depth;
    this.#path[depth] = `.${name}`;
    return this.#rules.paths.reduce((bits, { form, bits: own }) => {
      return form.test(path) ? bits | own : bits;
    }, 0);
  }

  #takeBits(): number {
    const bits = this.#bits;
    this.#bits = 0;
    return bits;
  }

  /** Whether a value is a secret, by its name or by what stands before or beside it. */
  #isSecret(bits: number, level: number, depth: number): boolean {
    if (level === 0 && bits === 0) return false;
    if ((bits & bit.isSecretName) !== 0 || (level & elementsAreSecret) !== 0) return true;
    if (((level & bit.ancestors) << bit.descendantShift) & bits) return true;
    if ((level & nextIsSecret) !== 0) {
      this.#levels[depth] = level & ~nextIsSecret;
      return true;
    }
    return (level & neighbourIsSecret) !== 0 && (bits & bit.isValueMember) !== 0;
  }

  /** Looks through a string that is no secret by its name. @returns whether all of it went */
  #removesString(bits: number, from: number): boolean {
    const scanner = this.#scanner;
    const { bytes, start, end, depth } = scanner;
    if (scanner.isCut) {
      this.#isBounded = true;
      this.#remove(from, this.#done, true);
      return true;
    }
    let at = start;
    while (at < end && bytes[at] !== backslash) at += 1;
    if (at < end) return this.#removesEscaped(bits, from);
    this.#judge(bits, bytes, start, end, depth);
    if (this.#text.isEmpty) return false;
    const found = this.#text.find(bytes, start, end);
    if (this.#hidden.hidesMore(bytes, start, end, this.#text.spans)) {
      this.#remove(from, this.#done, true);
      return true;
    }
    if (found > 0) this.#replaceSpans(bytes, start, from + 1);
    return false;
  }

  #removesEscaped(bits: number, from: number): boolean {
    const { bytes, start, end, depth } = this.#scanner;
    const decoded = Buffer.allocUnsafe(end - start);
    const length = decodeEscapes(bytes, start, end, decoded);
    this.#judge(bits, decoded, 0, length, depth);
    const { spans } = this.#text;
    const found = this.#text.find(decoded, 0, length);
    if (this.#hidden.hidesMore(decoded, 0, length, spans)) {
      this.#remove(from, this.#done, true);
      return true;
    }
    if (found === 0) return false;
    let rewritten = '"';
    let next = 0;
    for (let at = 0; at < spans.count; at += 1) {
      const first = spans.from[at] ?? 0;
      const behind = spans.to[at] ?? 0;
      const keepsToken = spans.keepsToken[at] === true;
      rewritten += escapedJson(decoded, next, first);
      rewritten += this.#markers.marker(decoded, first, behind, from, keepsToken);
      next = behind;
    }
    this.#out.rewrite(from, this.#done, `${rewritten}${escapedJson(decoded, next, length)}"`, '"');
    return false;
  }

  /** A string may name what stands beside or behind it. */
  #judge(bits: number, bytes: Buffer, start: number, end: number, depth: number): void {
    const { names, hasNeighbours, hasPairs } = this.#rules;
    if (names === undefined || end === start) return;
    if (hasNeighbours && (bits & bit.isNamingMember) !== 0) {
      if ((names.match(bytes, start, end) & (bit.isSecretName | bit.isSecretTextName)) !== 0)
        this.#neighbourNamesSecret(depth);
    } else if (hasPairs && bits === 0 && end - start <= maxPairName) {
      if ((names.match(bytes, start, end) & bit.isSecretName) !== 0)
        this.#levels[depth] = (this.#levels[depth] ?? 0) | nextIsSecret;
    }
  }

  #neighbourNamesSecret(depth: number): void {
    this.#levels[depth] = (this.#levels[depth] ?? 0) | neighbourIsSecret;
    for (const { from, to, isString } of this.#undecided.take(depth))
      this.#removeRange(from, to, isString);
  }

  #removeUndecided(): void {
    if (this.#undecided.isEmpty) return;
    for (const { from, to, isString } of this.#undecided.takeAll(this.#done))
      this.#removeRange(from, to, isString);
  }

  #removeRange(from: number, to: number, isString: boolean): void {
    const quote = isString ? 1 : 0;
    const bytes = this.#out.bytes(from + quote, to - quote);
    if (bytes.length === 0) return;
    this.#out.replace(from, to, this.#markers.marker(bytes, 0, bytes.length, from, true), '"');
  }

  /** Removes the scalar that the scanner has just read. */
  #remove(from: number, to: number, hasToken: boolean): void {
    const { bytes, start, end } = this.#scanner;
    const marker = this.#markers.marker(bytes, start, end, from, hasToken);
    if (this.#sink !== undefined && this.#undecided.isEmpty)
      this.#out.replaceNow(from, to, marker, this.#sink);
    else this.#out.replace(from, to, marker, '"');
  }

  /** Replaces what the last search found in text whose index `start` has the position `from`. */
  #replaceSpans(bytes: Buffer, start: number, from: number): void {
    const { spans } = this.#text;
    for (let at = 0; at < spans.count; at += 1) {
      const first = spans.from[at] ?? 0;
      const behind = spans.to[at] ?? 0;
      const position = from + first - start;
      const keepsToken = spans.keepsToken[at] === true;
      const marker = this.#markers.marker(bytes, first, behind, position, keepsToken);
      this.#out.replace(position, position + behind - first, marker, "");
    }
  }

  /** Looks through what stands between the last value and `to`: comments, names. */
  #examineGap(to: number): void {
    const out = this.#out;
    if (!this.#hasSlashes || to - this.#done < 3 || !out.includes(0x2f, this.#done, to)) return;
    this.#examineLoose(this.#done, to, false);
  }

  /** The body ended, perhaps inside a value or a comment. */
  #examineRest(): void {
    const { pieceEnd } = this.#out;
    const { depth } = this.#scanner;
    if (this.#done >= pieceEnd) return;
    const level = this.#levels[depth] ?? 0;
    const mayBeSecret =
      this.#rules.hasNeighbours && (this.#bits & bit.isValueMember) !== 0
        ? true
        : this.#isSecret(this.#bits, level, depth);
    if (mayBeSecret) this.#removeRange(this.#done, pieceEnd, false);
    else this.#examineLoose(this.#done, pieceEnd, true);
  }

  /** Looks through what is no whole value. Where escapes may hide a name, all of it is removed. */
  #examineLoose(from: number, to: number, isLast: boolean): void {
    const bytes = this.#out.bytes(from, to);
    const text = this.#text;
    if (text.isEmpty) return;
    text.find(bytes, 0, 0);
    const found = isLast
      ? text.findLast(bytes, 0, bytes.length)
      : text.findNext(bytes, 0, bytes.length);
    if (this.#hidden.hidesMore(bytes, 0, bytes.length, text.spans))
      this.#removeRange(from, to, false);
    else if (found > 0) this.#replaceSpans(bytes, 0, from);
  }

  #read(bytes: Buffer, start: number, end: number): void {
    const scanner = this.#scanner;
    const out = this.#out;
    let at = start;
    for (;;) {
      scanner.write(bytes, at, end);
      if (!scanner.hasMore) return;
      at = Math.max(start, out.indexOf(this.#done));
      this.#origin = out.pieceStart + at - start;
      this.#levels[0] = 0;
      scanner.reset();
    }
  }

  /** Passes on what is decided. */
  #release(sink: RedactedSink): void {
    const out = this.#out;
    const isRemoving = this.#removal >= 0;
    out.release(this.#undecided.first(isRemoving ? this.#removal : this.#done), sink);
    if (!isRemoving || !this.#undecided.isEmpty) return;
    this.#hash(out.pieceEnd);
    out.skip(out.pieceEnd);
    this.#removal = out.pieceEnd;
  }

  #endRemoval(end: number): void {
    this.#hash(end);
    this.#out.replace(this.#removal, end, this.#markers.end(), '"');
    this.#removal = -1;
    this.#done = end;
  }

  /** Feeds what is removed into its token. */
  #hash(end: number): void {
    const bytes = this.#out.bytes(this.#removal, end);
    this.#markers.part(bytes, 0, bytes.length);
  }

  /** Nothing that follows can be looked through. */
  #stop(sink: RedactedSink): void {
    this.#removeUndecided();
    this.#out.release(this.#removal >= 0 ? this.#removal : this.#done, sink);
    this.#out.stop();
  }
}
