/**
 * Finds the few members of an exchange's records that facts rest on in the bytes of a line, without
 * parsing it: a JSON value made of a whole line costs more than everything that is done with it.
 */
import { Buffer } from "node:buffer";

import { textOf } from "../../../elasticsearch/body/json-text.ts";
import { KeyTable } from "../../../elasticsearch/body/key-table.ts";
import { LineForm, type LineValue, type LineValueKind } from "./line-form.ts";
import { containerEnd, contentEnd, stringEnd, wordEnd } from "./line-values.ts";

/** Numbers of the members, in no order. */
export const lineField = {
  record: 0,
  start: 1,
  duration: 2,
  target: 3,
  requestEncoding: 4,
  responseEncoding: 5,
  userName: 6,
  userId: 7,
  method: 8,
  requestType: 9,
  requestBytes: 10,
  requestContent: 11,
  status: 12,
  responseType: 13,
  responseBytes: 14,
  responseContent: 15,
} as const;

type LineFieldName = keyof typeof lineField;
type LineField = (typeof lineField)[LineFieldName];

const fieldCount = Object.keys(lineField).length;

/** A member that is looked for, or one that holds such members. */
interface Member {
  readonly field: LineField | -1;
  /** `undefined`: it is passed over, or its value taken. */
  readonly inside: KeyTable<Member> | undefined;
  /** Lines with it are for readers of whole ones. */
  readonly isRare: boolean;
}

const field = (name: LineFieldName): Member => ({
  field: lineField[name],
  inside: undefined,
  isRare: false,
});
const object = (members: Readonly<Record<string, Member>>): Member => ({
  field: -1,
  inside: new KeyTable(Object.entries(members)),
  isRare: false,
});
const rare: Member = { field: -1, inside: undefined, isRare: true };

const members = object({
  event: object({ start: field("start"), duration: field("duration") }),
  url: object({ original: field("target") }),
  es_proxy: object({
    record: field("record"),
    headers: object({ "content-encoding": field("requestEncoding") }),
    response_encoding: field("responseEncoding"),
    raw: rare,
    erased: rare,
    facts: rare,
    request_body: rare,
    response_body: rare,
  }),
  user: object({ name: field("userName"), id: field("userId") }),
  http: object({
    request: object({
      mime_type: field("requestType"),
      method: field("method"),
      body: object({ bytes: field("requestBytes"), content: field("requestContent") }),
    }),
    response: object({
      mime_type: field("responseType"),
      status_code: field("status"),
      body: object({ bytes: field("responseBytes"), content: field("responseContent") }),
    }),
  }),
});

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
/** Deeper than any record. */
const maxDepth = 16;
/** Forms of lines that are remembered: programs of clients write different heads. */
const maxForms = 8;
/** Where forms that were learned are not met again, only one of so many lines is learned. */
const seldom = 64;
const [firstCredit, maxCredit] = [16, 64];

/**
 * Reads one line after the other; the fields tell of the last one. Knows lines as `EcsEncoder`
 * writes them: compact, each member once. Lines that say more of a body than its content, or whose
 * values are not what was received, are not read (`es_proxy.raw`, `es_proxy.request_body`).
 */
export class EcsLineFields {
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  /** Where the value of each field begins, without its quote; -1: the line has none. */
  readonly #starts = new Int32Array(fieldCount);
  readonly #ends = new Int32Array(fieldCount);
  readonly #areTexts = new Uint8Array(fieldCount);
  /** The values that fields had last: most come again in the next line. */
  readonly #known: (KnownText | undefined)[] = Array.from({ length: fieldCount });
  #isRare = false;
  /** Of lines before, the one that was met last first. */
  readonly #forms: LineForm[] = [];
  /** Of the line that was read last. */
  #form: LineForm | undefined = undefined;
  #credit = firstCredit;
  #misses = 0;
  /** Of the line that is read, where it is learned. */
  readonly #values: LineValue[] = [];

  /**
   * Reads the line `bytes[start, end)`, which must stay as it is while the fields are asked for.
   *
   * @returns whether it is a line that can be read so
   */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#end = end;
    this.#starts.fill(-1);
    this.#form = this.#formOf(bytes, start, end);
    if (this.#form !== undefined) return true;
    this.#values.length = 0;
    this.#isRare = false;
    if (bytes[start] !== openBrace) return false;
    if (this.#object(members, start, 0) !== end || this.#isRare) return false;
    this.#learn(bytes, start, end);
    return true;
  }

  /** A form that the line has; its fields are found then. */
  #formOf(bytes: Buffer, start: number, end: number): LineForm | undefined {
    const forms = this.#forms;
    for (let at = 0; at < forms.length; at += 1) {
      const form = forms[at];
      if (form?.match(bytes, start, end, this.#starts, this.#ends, this.#areTexts) === true) {
        if (at > 0) {
          forms.splice(at, 1);
          forms.unshift(form);
        }
        if (this.#credit < maxCredit) this.#credit += 1;
        return form;
      }
      this.#starts.fill(-1);
    }
    return undefined;
  }

  #learn(bytes: Buffer, start: number, end: number): void {
    this.#misses += 1;
    if (this.#credit > 0) this.#credit -= 1;
    else if (this.#misses % seldom !== 0) return;
    const form = LineForm.of(bytes, start, end, this.#values);
    if (form === undefined) return;
    if (this.#forms.length === maxForms) this.#forms.pop();
    this.#forms.unshift(form);
  }

  /** Lets the bytes go. */
  forget(): void {
    this.#bytes = Buffer.alloc(0);
  }

  has(wanted: LineField): boolean {
    return (this.#starts[wanted] ?? -1) >= 0;
  }

  /** The text of a string; `undefined`: there is none. */
  text(wanted: LineField): string | undefined {
    const start = this.#starts[wanted] ?? -1;
    if (start < 0 || this.#areTexts[wanted] !== 1) return undefined;
    const kept = this.#form?.text(wanted);
    if (kept !== undefined) return kept;
    const text = this.#textOf(wanted, start);
    this.#form?.keepText(wanted, text);
    return text;
  }

  #textOf(wanted: LineField, start: number): string {
    const end = this.#ends[wanted] ?? start;
    const known = this.#known[wanted];
    const bytes = this.#bytes;
    if (known?.bytes.length === end - start) {
      let at = start;
      while (at < end && known.bytes[at - start] === bytes[at]) at += 1;
      if (at === end) return known.text;
    }
    const text = textOf(bytes, start, end);
    this.#known[wanted] = { bytes: Uint8Array.prototype.slice.call(bytes, start, end), text };
    return text;
  }

  /** A number without a fraction that JavaScript holds exactly; `undefined`: there is none. */
  number(wanted: LineField): number | undefined {
    const start = this.#starts[wanted] ?? -1;
    if (start < 0 || this.#areTexts[wanted] === 1) return undefined;
    let value = 0;
    for (let at = start; at < (this.#ends[wanted] ?? 0); at += 1) {
      const digit = (this.#bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return Number.isSafeInteger(value) ? value : undefined;
  }

  /** Where the content of a string stands, escaped; `undefined`: there is none. */
  place(wanted: LineField): { bytes: Buffer; start: number; end: number } | undefined {
    const start = this.#starts[wanted] ?? -1;
    return start < 0 ? undefined : { bytes: this.#bytes, start, end: this.#ends[wanted] ?? start };
  }

  /** Reads the object that begins at `from`. @returns the place behind it; -1: it is none */
  #object({ inside }: Member, from: number, depth: number): number {
    const bytes = this.#bytes;
    let at = from + 1;
    if (bytes[at] === closeBrace) return at + 1;
    while (bytes[at] === quote) {
      const nameAt = at + 1;
      at = stringEnd(bytes, nameAt, this.#end);
      if (bytes[at + 1] !== colon) return -1;
      const member = inside?.find(bytes, nameAt, at);
      at = this.#value(member, at + 2, depth);
      const next = bytes[at];
      if (next === closeBrace) return at + 1;
      if (next !== comma) return -1;
      at += 1;
    }
    return -1;
  }

  #value(member: Member | undefined, from: number, depth: number): number {
    const bytes = this.#bytes;
    const first = bytes[from];
    const taken = member?.field ?? -1;
    if (member?.isRare === true) this.#isRare = true;
    if (first === quote) {
      const isContent = this.#isLastContent(taken);
      const end = isContent
        ? contentEnd(bytes, from + 1, this.#end)
        : stringEnd(bytes, from + 1, this.#end);
      this.#take(isContent ? "content" : "text", taken, from + 1, end);
      return end + 1;
    }
    if (first === openBrace && member?.inside !== undefined && depth < maxDepth)
      return this.#object(member, from, depth + 1);
    if (first === openBrace || first === openBracket) {
      const end = containerEnd(bytes, from, this.#end);
      this.#take("container", -1, from, end);
      return end;
    }
    const end = wordEnd(bytes, from, this.#end);
    this.#take("word", taken, from, end);
    return end;
  }

  /** A request that was long under way stands in the last record, before the response. */
  #isLastContent(taken: number): boolean {
    return (
      (taken === lineField.requestContent && this.#isRecord("request")) ||
      (taken === lineField.responseContent && this.#isRecord("response"))
    );
  }

  #isRecord(kind: string): boolean {
    const start = this.#starts[lineField.record] ?? -1;
    // `request` and `response` differ in their lengths.
    return start >= 0 && (this.#ends[lineField.record] ?? 0) - start === kind.length;
  }

  #take(kind: LineValueKind, field: number, start: number, end: number): void {
    // Contents are read in another way by what the record is.
    const isFixed = field === lineField.record;
    this.#values.push({ kind, start, end, field, isFixed });
    if (field < 0) return;
    this.#starts[field] = start;
    this.#ends[field] = end;
    this.#areTexts[field] = kind === "text" || kind === "content" ? 1 : 0;
  }
}

interface KnownText {
  readonly bytes: Uint8Array;
  readonly text: string;
}
