/** Chooses the redaction of a body by its media type and its first bytes. */
import { Buffer } from "node:buffer";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import type { BodyRules } from "./body-rules.ts";
import { FormRedactor } from "./form-redactor.ts";
import { HiddenBody } from "./hidden-body.ts";
import { JsonRedactor } from "./json-redactor.ts";
import { byteSet } from "./text-bytes.ts";
import { TextRedactor } from "./text-redactor.ts";
import { YamlRedactor } from "./yaml-redactor.ts";

/** A body that begins with more white space is text, in bytes. */
const maxBlanks = 65_536;
/** As many bytes tell one format from another. */
const telling = 3;

const blanks = byteSet(" \t\r\n");
/** Behind a `[`: the rest of JSON, not of a line such as `[2026-11-29T…`. */
const goesOnInArray = byteSet('{["] \t\r\n');
const goesOnInAnyArray = byteSet('{["] \t\r\n-0123456789tfn/');

/** How a media type says that a body is read. */
type Form = "json" | "yaml" | "form" | "text" | "binary" | "unknown";

/** The redaction of a body without coding. @param contentType as received */
export function mediaRedactor(contentType: string | undefined, rules: BodyRules): BodyRedactor {
  const form = formOf(contentType);
  switch (form) {
    case "binary":
      return new HiddenBody(rules.key);
    case "form":
    case "json":
    case "yaml":
    case "text":
    case "unknown":
      return new SniffingRedactor(form, hasOtherCharset(contentType), rules);
  }
}

/** Whether a media type names another charset than UTF-8, such as `charset=iso-8859-1`. */
function hasOtherCharset(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase();
  return charset !== undefined && charset !== "utf-8" && charset !== "us-ascii";
}

function formOf(contentType: string | undefined): Form {
  if (contentType === undefined) return "unknown";
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type.endsWith("json")) return "json";
  if (type.endsWith("yaml")) return "yaml";
  if (type === "application/x-www-form-urlencoded") return "form";
  if (/cbor|smile|^multipart\/|protobuf|^image\/|^video\/|^audio\//.test(type)) return "binary";
  return type.startsWith("text/") ? "text" : "unknown";
}

/**
 * Waits for the first bytes of a body: media types are often wrong or missing. `curl -d`, for one,
 * calls JSON a form.
 */
class SniffingRedactor implements BodyRedactor {
  readonly #form: Form;
  readonly #hasOtherCharset: boolean;
  readonly #rules: BodyRules;
  #first = Buffer.alloc(0);
  #chosen: BodyRedactor | undefined = undefined;

  constructor(form: Form, hasOtherCharset: boolean, rules: BodyRules) {
    this.#form = form;
    this.#hasOtherCharset = hasOtherCharset;
    this.#rules = rules;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (this.#chosen !== undefined) return this.#chosen.write(bytes, start, end, sink);
    if (this.#first.length === 0 && this.#isTelling(bytes, start, end)) {
      this.#chosen = this.#choose(bytes.subarray(start, end));
      return this.#chosen.write(bytes, start, end, sink);
    }
    this.#first = Buffer.concat([this.#first, bytes.subarray(start, end)]);
    const { length } = this.#first;
    if (this.#isTelling(this.#first, 0, length) || length > maxBlanks) this.#begin(sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    return (this.#chosen ?? this.#begin(sink)).finish(sink);
  }

  #begin(sink: RedactedSink): BodyRedactor {
    const first = this.#first;
    this.#first = Buffer.alloc(0);
    const chosen = this.#choose(first);
    this.#chosen = chosen;
    if (first.length > 0) chosen.write(first, 0, first.length, sink);
    return chosen;
  }

  #isTelling(bytes: Buffer, start: number, end: number): boolean {
    return firstTelling(bytes, start, end) + telling <= end;
  }

  #choose(bytes: Buffer): BodyRedactor {
    const rules = this.#rules;
    const at = firstTelling(bytes, 0, bytes.length);
    const [first = 0x20, second = 0x20, third = 0x20] = bytes.subarray(at, at + telling);
    if (isBinary(first, second, third)) return new HiddenBody(rules.key);
    if (this.#form === "yaml") return new YamlRedactor(rules);
    const isLoose = this.#form === "json" || this.#form === "unknown";
    const goesOn = isLoose ? goesOnInAnyArray : goesOnInArray;
    const isArray = first === 0x5b && goesOn[second] === 1;
    const isObject = first === 0x7b;
    // What is called JSON and is none ends what is stored at its first byte.
    const isJson = this.#form === "json" || isObject || isArray;
    if (isJson) return new JsonRedactor(rules);
    if (this.#form === "form") return new FormRedactor(rules);
    const isYaml = first === 0x2d && second === 0x2d && third === 0x2d;
    if (isYaml) return new YamlRedactor(rules);
    return new TextRedactor(rules, this.#hasOtherCharset ? "charset" : "utf-8");
  }
}

/** Index of the first byte that is not white space. */
function firstTelling(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && blanks[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** Smile (`:)\n`), CBOR, and everything that cannot begin a text in UTF-8. */
function isBinary(first: number, second: number, third: number): boolean {
  if (first === 0x3a && second === 0x29 && third === 0x0a) return true;
  if (first < 0x20 || first === 0x7f || (first >= 0x80 && first < 0xc2) || first > 0xf4)
    return true;
  // `d9 d9 f7`, by which CBOR describes itself (RFC 8949 §3.4.6), and its kin.
  return first >= 0xc2 && (second & 0xc0) !== 0x80;
}
