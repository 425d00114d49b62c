/** The value that a JSON scanner fills. */
import { Buffer } from "node:buffer";
import type { CountingValues } from "./counting-values.ts";
import { textOf } from "./json-text.ts";
import { jsonKind, type JsonFault, type JsonKind } from "./json-visitor.ts";

const none = Buffer.alloc(0);

/** What a JSON scanner tells: of the value that it found last, and of the whole text. */
export class ScanResult {
  /** Of the last value: absolute offset of its first byte in all that was written since `reset`. */
  valueStart = 0;
  /** Of the last value: absolute offset behind its last byte, quotes and brackets included. */
  valueEnd = 0;
  /** Of the last scalar: `bytes[start, end)` is its content without quotes, escapes not decoded. */
  bytes: Buffer = none;
  start = 0;
  end = 0;
  /** The content was longer than `maxText`, and `bytes` holds only its beginning. */
  isCut = false;
  /** Bytes written since `reset`. */
  written = 0;
  /** Objects and arrays that are open, the one just opened included. */
  depth = 0;
  fault: JsonFault | undefined = undefined;
  /** Absolute offset of the byte at fault. */
  faultAt = 0;
  /** Something that is no white space stands behind the first value. */
  hasMore = false;
  /** Absolute offset of the first such byte. */
  moreAt = 0;
  /** Of the last scalar. */
  kind: JsonKind = jsonKind.null;
  /** Takes the places of those scalars whose content makes a difference. */
  counting: CountingValues | undefined = undefined;

  /** Sets who takes these places. */
  countInto(counting: CountingValues | undefined): void {
    this.counting = counting;
    if (counting !== undefined) counting.scanners += 1;
  }

  /** The last scalar as a string: of a string its content, of all others what is written. */
  text(): string {
    const { bytes, start, end } = this;
    return this.kind === jsonKind.string
      ? textOf(bytes, start, end)
      : bytes.toString("latin1", start, end);
  }

  /** The last scalar as a number, also when it stands in quotes; undefined: it is none. */
  number(): number | undefined {
    if (this.kind > jsonKind.number) return undefined;
    const { bytes, start, end } = this;
    let value = 0;
    for (let at = start; at < end; at += 1) {
      const digit = (bytes[at] ?? 0) - 0x30;
      // Not one of up to 15 digits: rare, and read the slow way.
      if (digit < 0 || digit > 9 || end - start > 15) return slowNumber(this.text());
      value = value * 10 + digit;
    }
    return end === start ? undefined : value;
  }
}

function slowNumber(text: string): number | undefined {
  const value = text.length > 40 || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
