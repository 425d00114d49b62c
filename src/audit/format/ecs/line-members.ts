/** The members of a record's line, as places in its bytes: nothing is parsed, nothing allocated. */
import { Buffer } from "node:buffer";

const code = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = [code('"'), code("\\"), code(","), code(":")];
const [openBrace, closeBrace] = [code("{"), code("}")];
const [openBracket, closeBracket] = [code("["), code("]")];

/** Lines with more members, or objects within objects, are left to those who parse them. */
export const maxMembers = 1024;
const maxDepth = 16;

/** What a byte is within a string. */
const [plain, ending, escaping, foreign] = [0, 1, 2, 3];
/** Lines of the writer are printable ASCII. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === quote) return ending;
  if (byte === backslash) return escaping;
  return byte < 0x20 || byte > 0x7e ? foreign : plain;
});

/** Where records hold bodies, or what a session began with: the last name first. */
export const bodyPaths: readonly (readonly string[])[] = [
  ["content", "body", "request", "http"],
  ["content", "body", "response", "http"],
  ["base64", "request_body", "es_proxy"],
  ["base64", "response_body", "es_proxy"],
  ["first_bytes", "es_proxy"],
];

const bodyNames = bodyPaths.map((names) => names.map((name) => Buffer.from(name, "latin1")));

/** By the length of a name of bodies: its first byte. */
const bodyFirsts = new Uint8Array(maxMembers);
for (const [name] of bodyNames) if (name !== undefined) bodyFirsts[name.length] = name[0] ?? 0;

/**
 * Reads one line after the other. Members are numbered in their order; those of an object follow
 * the member that it is the value of. Number 0 is the line itself.
 */
export class LineMembers {
  line: Uint8Array = new Uint8Array();
  count = 0;
  /** The name, between its quotes. */
  readonly nameAt = new Int32Array(maxMembers);
  readonly nameEnd = new Int32Array(maxMembers);
  readonly valueAt = new Int32Array(maxMembers);
  readonly valueEnd = new Int32Array(maxMembers);
  /** Number of the next member that is not within the value of this one. */
  readonly after = new Int32Array(maxMembers);
  /** Bodies that are left out, with a comma before or behind: where each begins and ends. */
  readonly cutAt = new Int32Array(bodyPaths.length);
  readonly cutEnd = new Int32Array(bodyPaths.length);
  cuts = 0;
  /** Behind the last byte that `read` has put. */
  outEnd = 0;
  readonly #open = new Int32Array(maxDepth);

  /**
   * Reads a line, and puts it as the content of a JSON string without the bodies that are left out.
   *
   * @param bodyBytes a body is left out when it is larger
   * @param out has room for twice the line behind `at`
   * @returns whether the line is one that can be read so
   */
  read(line: Uint8Array, bodyBytes: number, out: Uint8Array, at: number): boolean {
    this.line = line;
    this.count = 1;
    this.cuts = 0;
    const end = line.length;
    const { nameAt, nameEnd, valueAt, valueEnd, after } = this;
    const open = this.#open;
    if (line[0] !== openBrace || line[end - 1] !== closeBrace) return false;
    valueAt[0] = 0;
    nameAt[0] = 0;
    nameEnd[0] = 0;
    out[at] = openBrace;
    let put = at + 1;
    let depth = 0;
    let next = 1;
    open[0] = 0;
    while (next < end) {
      let byte = line[next] ?? 0;
      if (byte === closeBrace) {
        // The object ends, and with it the member that it is the value of.
        const owner = open[depth] ?? 0;
        next += 1;
        out[put] = byte;
        put += 1;
        valueEnd[owner] = next;
        after[owner] = this.count;
        depth -= 1;
        if (depth < 0) {
          this.outEnd = put;
          return next === end;
        }
        continue;
      }
      const member = this.count;
      if (member === maxMembers) return false;
      this.count = member + 1;
      const [memberAt, memberPut] = [next, put];
      if (byte === comma) {
        out[put] = byte;
        put += 1;
        next += 1;
        byte = line[next] ?? 0;
      }
      if (byte !== quote) return false;
      // The name has neither escapes nor bytes outside ASCII: others are not looked at.
      out[put] = backslash;
      out[put + 1] = quote;
      put += 2;
      next += 1;
      nameAt[member] = next;
      for (byte = line[next] ?? 0; kinds[byte] === plain; byte = line[next] ?? 0) {
        out[put] = byte;
        put += 1;
        next += 1;
      }
      if (byte !== quote || line[next + 1] !== colon) return false;
      nameEnd[member] = next;
      out[put] = backslash;
      out[put + 1] = quote;
      out[put + 2] = colon;
      put += 3;
      next += 2;
      valueAt[member] = next;
      byte = line[next] ?? 0;
      if (byte === openBrace) {
        depth += 1;
        if (depth === maxDepth) return false;
        open[depth] = member;
        out[put] = byte;
        put += 1;
        next += 1;
        continue;
      }
      if (byte === quote && this.#isBody(member, depth)) {
        const bodyEnd = skipString(line, next + 1, end);
        if (bodyEnd < 0) return false;
        if (isLarger(line, next, bodyEnd, bodyBytes)) {
          this.count = member;
          put = memberPut;
          next = bodyEnd;
          this.#cut(memberAt, next);
          // Without one before it, the comma behind it goes.
          if (line[memberAt] !== comma && line[next] === comma) {
            next += 1;
            this.cutEnd[this.cuts - 1] = next;
          }
          continue;
        }
      }
      let brackets = 0;
      for (;;) {
        byte = line[next] ?? 0;
        if (byte === quote) {
          out[put] = backslash;
          out[put + 1] = quote;
          put += 2;
          next += 1;
          for (;;) {
            byte = line[next] ?? 0;
            const kind = kinds[byte];
            if (kind === plain) {
              out[put] = byte;
              put += 1;
              next += 1;
            } else if (kind === escaping) {
              const escaped = line[next + 1] ?? 0;
              out[put] = backslash;
              out[put + 1] = backslash;
              put += 2;
              if (escaped === quote || escaped === backslash) {
                out[put] = backslash;
                put += 1;
              } else if (kinds[escaped] === foreign) return false;
              out[put] = escaped;
              put += 1;
              next += 2;
            } else break;
          }
          if (byte !== quote) return false;
          out[put] = backslash;
          out[put + 1] = quote;
          put += 2;
          next += 1;
        } else if (brackets === 0 && (byte === comma || byte === closeBrace)) break;
        else {
          if (byte === openBracket || byte === openBrace) brackets += 1;
          else if (byte === closeBracket || byte === closeBrace) brackets -= 1;
          else if (kinds[byte] !== plain || next >= end) return false;
          out[put] = byte;
          put += 1;
          next += 1;
        }
      }
      valueEnd[member] = next;
      after[member] = member + 1;
    }
    return false;
  }

  /** The member of an object with this name; -1: it has none. @param owner number of the object */
  find(owner: number, name: Uint8Array): number {
    const { nameAt, nameEnd, after } = this;
    const end = after[owner] ?? 0;
    for (let member = owner + 1; member < end; member = after[member] ?? end) {
      if ((nameEnd[member] ?? 0) - (nameAt[member] ?? 0) !== name.length) continue;
      if (this.isNamed(member, name)) return member;
    }
    return -1;
  }

  isNamed(member: number, name: Uint8Array): boolean {
    const at = this.nameAt[member] ?? 0;
    if ((this.nameEnd[member] ?? 0) - at !== name.length) return false;
    for (let index = 0; index < name.length; index += 1)
      if (this.line[at + index] !== name[index]) return false;
    return true;
  }

  isObject(member: number): boolean {
    return this.line[this.valueAt[member] ?? 0] === openBrace;
  }

  isList(member: number): boolean {
    return this.line[this.valueAt[member] ?? 0] === openBracket;
  }

  #cut(at: number, end: number): void {
    this.cutAt[this.cuts] = at;
    this.cutEnd[this.cuts] = end;
    this.cuts += 1;
  }

  /** @param depth of the object that the member is in; the line has 0 */
  #isBody(member: number, depth: number): boolean {
    const at = this.nameAt[member] ?? 0;
    const length = (this.nameEnd[member] ?? 0) - at;
    // Almost all members are told apart by this.
    if (bodyFirsts[length] !== this.line[at] || this.cuts === bodyPaths.length) return false;
    for (const names of bodyNames) {
      if (names[0]?.length !== length || names.length !== depth + 1) continue;
      let isSame = true;
      for (let level = 0; level < names.length && isSame; level += 1) {
        const owner = level === 0 ? member : (this.#open[depth + 1 - level] ?? 0);
        const name = names[level];
        isSame = name !== undefined && this.isNamed(owner, name);
      }
      if (isSame) return true;
    }
    return false;
  }
}

/** Behind the quote that ends a string; -1: none does. */
function skipString(line: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at += 1) {
    const byte = line[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  return -1;
}

/** @param at of the string with its quotes */
function isLarger(line: Uint8Array, at: number, end: number, bytes: number): boolean {
  // No escape is shorter than the bytes that it stands for.
  if (end - at - 2 <= bytes) return false;
  if (bytes === 0) return true;
  const text: unknown = JSON.parse(Buffer.from(line.subarray(at, end)).toString("latin1"));
  return Buffer.byteLength(String(text)) > bytes;
}
