/** The value that a head parser fills; everything after the parser reads it. */
import { Buffer } from "node:buffer";
import { fieldId, fieldIdCount } from "./field-names.ts";
import { bodyKind } from "./framing-fields.ts";
import type { HeadLimits } from "./parser-states.ts";

const none = Buffer.alloc(0);
/** Field lines that there is room for at first: several times what clients and servers send. */
const firstRoom = 64;
/** Room that a head which waits to be used keeps. */
const keptRoom = 256;

/** What `Connection` nominates in nearly every head. */
export const noNames: ReadonlySet<string> = new Set();

/** A start line that was read before; an equal line gives the same object. */
export interface KnownStartLine {
  readonly method: string;
  /** In origin-form, one char per byte. */
  readonly target: string;
  /** Bytes, with CRLF. */
  readonly length: number;
  readonly methodEnd: number;
  readonly targetEnd: number;
}

/**
 * What one HTTP/1.1 head says, as offsets into the bytes that it was read from. A
 * {@link HeadParser} fills it and uses it again for the next head; all offsets are relative to the
 * head's first byte.
 */
export abstract class MessageHead {
  readonly isResponse: boolean;

  /** The buffer that holds the head from {@link base} on; empty after {@link release}. */
  bytes: Buffer = none;
  base = 0;
  /** First byte of the start line (2 after one tolerated empty line, RFC 9112 §2.2). */
  lineStart = 0;
  /** Length of the head including the empty line and {@link lineStart}. */
  headEnd = 0;
  methodEnd = 0;
  /**
   * Target in origin-form; for absolute-form the part behind the authority, which may be empty or
   * start with `?`.
   */
  targetStart = 0;
  targetEnd = 0;
  /** Bytes of the authority of an absolute-form target; both 0 otherwise. */
  authorityStart = 0;
  authorityEnd = 0;
  minorVersion = 1;
  status = 0;
  /** Of a request whose start line came before; the same object for the same line. */
  startLine: KnownStartLine | undefined = undefined;

  fieldCount = 0;
  fieldIds: Uint8Array;
  /**
   * Four offsets a field: name start, name end, value start, value end (without surrounding white
   * space).
   */
  fieldOffsets: Int32Array;
  /** Index of the first line of each known field, -1 when absent; by field id. */
  readonly firstLine = new Int16Array(fieldIdCount);
  /** Some known field has more than one line. */
  hasRepeated = false;

  /** How the body is delimited, one of {@link bodyKind}. */
  body: number = bodyKind.none;
  contentLength = 0;
  /** `Content-Length` is written with leading zeros: legal, but to be re-written canonically. */
  hasOddLength = false;
  /** The sender keeps the connection open after this message (RFC 9112 §9.3). */
  isPersistent = true;
  hasUpgradeOption = false;
  /** Bit 0: keep-alive, bit 1: close; set while reading `Connection` lines. */
  connectionOptions = 0;
  expectsContinue = false;
  /** Lower-case names nominated by `Connection`, other than the well-known options. */
  nominated: ReadonlySet<string> = noNames;
  /** Index of the first hop-by-hop line, and of the last; -1: there is none. */
  firstHopByHop = -1;
  lastHopByHop = -1;

  constructor(isResponse: boolean, { fields }: HeadLimits) {
    this.isResponse = isResponse;
    const room = Math.min(fields, firstRoom);
    this.fieldIds = new Uint8Array(room);
    this.fieldOffsets = new Int32Array(room * 4);
    this.firstLine.fill(-1);
  }

  /** Bytes looked at so far: the whole head, or what was read of one that failed. */
  abstract get scanned(): number;

  /** The value of a field line, one char per byte; the same string for lines that come again. */
  abstract valueOf(line: number): string;

  /** The host that a request names, with its port: in `Host`, or in a target of HTTP/1.0. */
  get host(): string | undefined {
    const host = this.fieldValue(fieldId.host);
    if (host !== undefined || this.authorityEnd === 0) return host;
    return this.text(this.authorityStart, this.authorityEnd);
  }

  /** The value of the first line of a known field, one char per byte. */
  fieldValue(id: number): string | undefined {
    const line = this.firstLine[id] ?? -1;
    return line === -1 ? undefined : this.valueOf(line);
  }

  /**
   * All that the lines of a known field say, as one value (RFC 9110 §5.3); lines that say the same
   * count once. Who reads the first line only may be told apart from who reads the last.
   */
  wholeValue(id: number): string | undefined {
    const first = this.fieldValue(id);
    if (!this.hasRepeated || first === undefined) return first;
    const values = new Set<string>();
    for (let line = 0; line < this.fieldCount; line += 1)
      if (this.fieldIds[line] === id) values.add(this.valueOf(line));
    return [...values].join(", ");
  }

  /** The values of all lines with a name given in lower case. */
  fieldValues(name: string): string[] {
    const values: string[] = [];
    for (let line = 0; line < this.fieldCount; line += 1) {
      const start = this.fieldOffsets[line * 4] ?? 0;
      const end = this.fieldOffsets[line * 4 + 1] ?? 0;
      if (end - start === name.length && this.text(start, end).toLowerCase() === name)
        values.push(this.valueOf(line));
    }
    return values;
  }

  /** The bytes between two offsets, one char per byte. */
  text(start: number, end: number): string {
    return this.bytes.toString("latin1", this.base + start, this.base + end);
  }

  /** Lets go of the buffer, so that a parser that waits to be used keeps none in memory. */
  release(): void {
    this.bytes = none;
  }

  /** Some line is hop-by-hop: the head cannot be forwarded as it is. */
  get hasHopByHop(): boolean {
    return this.lastHopByHop !== -1;
  }

  /** `Connection: keep-alive` was there (it matters for HTTP/1.0 only). */
  get hasKeepAliveOption(): boolean {
    return (this.connectionOptions & 1) !== 0;
  }

  get hasCloseOption(): boolean {
    return (this.connectionOptions & 2) !== 0;
  }

  /** Makes room for so many field lines; those that are there stay. */
  makeRoom(lines: number): void {
    const { length } = this.fieldIds;
    if (lines <= length) return;
    const room = Math.max(lines, length * 2);
    const { fieldIds, fieldOffsets } = this;
    this.fieldIds = new Uint8Array(room);
    this.fieldIds.set(fieldIds);
    this.fieldOffsets = new Int32Array(room * 4);
    this.fieldOffsets.set(fieldOffsets);
  }

  /** Gives the room of an unusually long head back. @returns that no line is there any more */
  protected giveRoomBack(): boolean {
    if (this.fieldIds.length <= keptRoom) return false;
    this.clear();
    this.fieldIds = new Uint8Array(firstRoom);
    this.fieldOffsets = new Int32Array(firstRoom * 4);
    return true;
  }

  /** Makes the head empty, for the next one. */
  protected clear(): void {
    this.lineStart = 0;
    this.headEnd = 0;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.authorityStart = 0;
    this.authorityEnd = 0;
    this.minorVersion = 1;
    this.status = 0;
    this.startLine = undefined;
    for (let i = 0; i < this.fieldCount; i += 1) this.firstLine[this.fieldIds[i] ?? 0] = -1;
    this.fieldCount = 0;
    this.hasRepeated = false;
    this.body = bodyKind.none;
    this.contentLength = 0;
    this.hasOddLength = false;
    this.isPersistent = true;
    this.hasUpgradeOption = false;
    this.connectionOptions = 0;
    this.expectsContinue = false;
    this.nominated = noNames;
    this.firstHopByHop = -1;
    this.lastHopByHop = -1;
  }
}
