/**
 * A plain recursive parser of whole JSON texts, with the leniency that the scanner documents: the
 * oracle of its tests. Works on the text as latin1, so that indices are byte offsets.
 */

export type Node =
  | { kind: "object"; start: number; end: number; members: { name: string; value: Node }[] }
  | { kind: "array"; start: number; end: number; elements: Node[] }
  | { kind: "string" | "number" | "literal"; start: number; end: number; text: string };

export interface Parsed {
  /** Undefined: blank, or faulty before anything of a value was read. */
  root: Node | undefined;
  fault: "syntax" | "depth" | "encoding" | "end" | undefined;
  faultAt: number;
  hasMore: boolean;
}

class Fault extends Error {
  readonly at: number;
  readonly kind: NonNullable<Parsed["fault"]>;
  constructor(kind: NonNullable<Parsed["fault"]>, at: number) {
    super(kind);
    this.kind = kind;
    this.at = at;
  }
}

/** Nodes whose end was not reached have the end -1 and what was read of them. */
export function parseWhole(bytes: Buffer): Parsed {
  const text = bytes.toString("latin1");
  const parsed: Parsed = { root: undefined, fault: undefined, faultAt: 0, hasMore: false };
  let at = 0;

  const fail = (index: number): never => {
    if (index >= text.length) throw new Fault("end", text.length);
    const code = text.charCodeAt(index);
    throw new Fault(code === 0 || code >= 0xfe ? "encoding" : "syntax", index);
  };
  const space = (): void => {
    for (;;) {
      while (at < text.length && " \n\r\t".includes(text.charAt(at))) at += 1;
      if (text.charAt(at) !== "/") return;
      const second = text.charAt(at + 1);
      // A slash that nothing follows is a comment that has not ended.
      if (second === "") at += 1;
      else if (second === "*") {
        const end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length : end + 2;
      } else if (second === "/") {
        const end = text.slice(at + 2).search(/[\n\r]/);
        at = end < 0 ? text.length : at + 2 + end + 1;
      } else throw new Fault("syntax", at + 1);
    }
  };
  const quoted = (): string => {
    const start = at;
    at += 1;
    while (text.charAt(at) !== '"') {
      if (at >= text.length) throw new Fault("end", text.length);
      at += text.charAt(at) === "\\" ? 2 : 1;
    }
    at += 1;
    return unescaped(bytes.subarray(start + 1, at - 1));
  };
  const value = (place: (node: Node) => void, depth: number): void => {
    space();
    const start = at;
    const first = text.charAt(at);
    if (first === "{" || first === "[") {
      if (depth === 1000) throw new Fault("depth", at);
      if (first === "{") {
        const node: Node = { kind: "object", start, end: -1, members: [] };
        place(node);
        object(node, depth + 1);
      } else {
        const node: Node = { kind: "array", start, end: -1, elements: [] };
        place(node);
        array(node, depth + 1);
      }
    } else if (first === '"') {
      const content = quoted();
      place({ kind: "string", start, end: at, text: content });
    } else if (/[-0-9]/.test(first)) {
      while (at < text.length && /[-+.eE0-9]/.test(text.charAt(at))) at += 1;
      // A number within something that goes on is whole only when something follows.
      if (at === text.length && depth > 0) throw new Fault("end", at);
      place({ kind: "number", start, end: at, text: text.slice(start, at) });
    } else {
      const word = { t: "true", f: "false", n: "null" }[first] ?? fail(at);
      for (const letter of word) {
        if (at >= text.length) throw new Fault("end", at);
        if (text.charAt(at) !== letter) throw new Fault("syntax", at);
        at += 1;
      }
      place({ kind: "literal", start, end: at, text: word });
    }
  };
  const object = (node: Node & { kind: "object" }, depth: number): void => {
    at += 1;
    space();
    if (text.charAt(at) !== "}")
      for (;;) {
        space();
        if (text.charAt(at) !== '"') fail(at);
        const name = quoted();
        space();
        if (text.charAt(at) !== ":") fail(at);
        at += 1;
        value((child) => node.members.push({ name, value: child }), depth);
        space();
        if (text.charAt(at) === "}") break;
        if (text.charAt(at) !== ",") fail(at);
        at += 1;
      }
    at += 1;
    node.end = at;
  };
  const array = (node: Node & { kind: "array" }, depth: number): void => {
    at += 1;
    space();
    if (text.charAt(at) !== "]")
      for (;;) {
        value((child) => node.elements.push(child), depth);
        space();
        if (text.charAt(at) === "]") break;
        if (text.charAt(at) !== ",") fail(at);
        at += 1;
      }
    at += 1;
    node.end = at;
  };

  try {
    if (text.startsWith("\xef")) {
      for (const letter of "\xef\xbb\xbf") {
        if (at >= text.length) return parsed;
        if (text.charAt(at) !== letter) throw new Fault("syntax", at);
        at += 1;
      }
    }
    space();
    if (at >= text.length) return parsed;
    value((node) => (parsed.root = node), 0);
    space();
    parsed.hasMore = at < text.length;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    parsed.fault = error.kind;
    parsed.faultAt = error.at;
  }
  return parsed;
}

function unescaped(raw: Buffer): string {
  return raw
    .toString("latin1")
    .replaceAll(escape, (_all, simple?: string, high?: string, low?: string, unit?: string) => {
      if (simple !== undefined) return JSON.parse(`"\\${simple}"`) as string;
      const units = [high, low, unit].filter((hex) => hex !== undefined);
      const chars = String.fromCharCode(...units.map((hex) => Number.parseInt(hex, 16)));
      return Buffer.from(chars, "utf8").toString("latin1");
    })
    .split("")
    .map((char) => String.fromCharCode(char.charCodeAt(0) & 0xff))
    .join("");
}

/** A simple escape, a surrogate pair, or any other `\u` escape. */
const hex = "[0-9A-Fa-f]";
const escape = new RegExp(
  String.raw`\\(?:(["\\/bfnrt])|u([Dd][89ABab]${hex}{2})\\u([Dd][C-Fc-f]${hex}{2})|u(${hex}{4}))`,
  "g",
);
