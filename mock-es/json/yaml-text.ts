/** YAML as the server writes it. */
import { isRawNumber } from "./exact-numbers.ts";

/** Texts go on in a new line behind this column, where a space allows it. */
const bestWidth = 80;

/** A value of JSON as a document of YAML: texts in quotes, lists in line with their names. */
export function yamlText(value: unknown): string {
  if (isLeaf(value)) return `--- ${leaf(value, 4, 0)}\n`;
  return `---\n${block(value, 0)}\n`;
}

function isLeaf(value: unknown): boolean {
  if (typeof value !== "object" || value === null || isRawNumber(value)) return true;
  return Object.keys(value).length === 0;
}

function block(value: unknown, indent: number): string {
  const pad = " ".repeat(indent);
  if (Array.isArray(value))
    return value
      .map((element: unknown) =>
        isLeaf(element)
          ? `${pad}- ${leaf(element, indent + 2, indent + 2)}`
          : `${pad}- ${block(element, indent + 2).slice(indent + 2)}`,
      )
      .join("\n");
  const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
  return members.map(([name, member]) => pad + memberText(name, member, indent)).join("\n");
}

function memberText(name: string, value: unknown, indent: number): string {
  if (name === "" || name.includes("\n")) {
    // Such a name needs the long form.
    const start = `? ${quoted(name, 0, undefined)}\n${" ".repeat(indent)}: `;
    if (isLeaf(value)) return start + leaf(value, indent + 2, indent + 2);
    return start + block(value, indent + 2).slice(indent + 2);
  }
  const key = nameText(name);
  if (isLeaf(value)) return `${key}: ${leaf(value, indent + key.length + 2, indent + 2)}`;
  return `${key}:\n${block(value, Array.isArray(value) ? indent : indent + 2)}`;
}

/** A value in one place; a text may go on in the next line, which is indented. */
function leaf(value: unknown, column: number, indent: number): string {
  if (typeof value === "string") return quoted(value, column, indent);
  return JSON.stringify(value) ?? "null";
}

/** Names that a reader would take for something else stand in quotes. */
function nameText(name: string): string {
  if (reserved.test(name)) return JSON.stringify(name);
  if (
    name !== "?" &&
    /^[^\p{Cc}\p{Zs}&*!|>'"%@`#,[\]{}:-](?:[^\p{Cc}:#]|(?<! )#|:(?! |$))*$/u.test(name)
  )
    if (!name.endsWith(" ")) return name;
  return /\p{Cc}/u.test(name) ? quoted(name, 0, undefined) : `'${name.replaceAll("'", "''")}'`;
}

const reserved = new RegExp(
  "^(?:true|True|TRUE|false|False|FALSE|null|Null|NULL|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF" +
    String.raw`|y|Y|n|N|~|[-+.\d].*)$`,
);

const escapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\u0007": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\u001b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

/** A text in double quotes; `indent` is absent for one that may not go on in a new line. */
function quoted(text: string, start: number, indent: number | undefined): string {
  let written = '"';
  let column = start + 1;
  let from = 0;
  const write = (part: string): void => {
    written += part;
    column += part.length;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    const shown = escaped(character);
    if (shown !== character || !/[ -~]/.test(character)) {
      write(text.slice(from, at));
      write(shown);
      from = at + 1;
    }
    const mayEnd = 0 < at && at < text.length - 1 && (character === " " || from >= at);
    if (indent === undefined || !mayEnd || column + (at - from) <= bestWidth) continue;
    write(`${text.slice(from, at)}\\`);
    from = Math.max(from, at);
    written += `\n${" ".repeat(indent)}`;
    column = indent;
    if (text[from] === " ") write("\\");
  }
  return `${written}${text.slice(from)}"`;
}

function escaped(character: string): string {
  const short = escapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.charCodeAt(0);
  const isPrintable = (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code !== 0xfeff);
  if (isPrintable) return character;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
