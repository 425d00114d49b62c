/** Search templates: Mustache as the server has it, with `toJson`, `join` and `url`. */
import mustache from "mustache";
import { EsError, notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleText } from "../json/java-number.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";

/** A template that can be filled in any number of times. */
export type Template = (parameters: JsonObject) => string;

/** What the library gives for each part of a template. */
type Token = readonly [kind: string, value: string, start: number, end: number, ...unknown[]];

/** Longest text that comes of a template, in characters. */
const maxLength = 10_000_000;

/**
 * Compiles a template.
 *
 * @throws {EsError} 400 for sections that do not end, and for partials, which are not computed
 */
export function compileTemplate(source: string): Template {
  const writer = new mustache.Writer();
  // The library would keep every template that it has ever seen.
  Reflect.set(writer, "templateCache", undefined);
  let tokens: readonly Token[];
  try {
    tokens = writer.parse(source) as readonly Token[];
  } catch (error) {
    throw compileProblem(source, error);
  }
  refusePartials(tokens);
  return (parameters) => new Rendering(source).render(tokens, [parameters]);
}

function compileProblem(source: string, error: unknown): EsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new EsError(400, "script_exception", "compile error", {
    script_stack: [],
    script: source,
    lang: "mustache",
    caused_by: { type: "mustache_exception", reason },
  });
}

function refusePartials(tokens: readonly Token[]): void {
  for (const token of tokens) {
    if (token[0] === ">") throw notSupported("a partial in a search template");
    refusePartials(innerOf(token));
  }
}

function innerOf(token: Token): readonly Token[] {
  return Array.isArray(token[4]) ? (token[4] as readonly Token[]) : [];
}

/** One filling in of a template. */
class Rendering {
  readonly #source: string;
  #length = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** @param scopes what names are looked for in, the innermost last */
  render(tokens: readonly Token[], scopes: readonly unknown[]): string {
    let text = "";
    for (const token of tokens) text += this.#one(token, scopes);
    return text;
  }

  #one(token: Token, scopes: readonly unknown[]): string {
    const [kind, name] = token;
    const text =
      kind === "text"
        ? name
        : kind === "name"
          ? jsonText(stringify(name, lookUp(name, scopes))).slice(1, -1)
          : kind === "&"
            ? stringify(name, lookUp(name, scopes))
            : kind === "#"
              ? this.#section(token, scopes)
              : kind === "^" && isFalsy(lookUp(name, scopes))
                ? this.render(innerOf(token), scopes)
                : "";
    if (kind === "#" || kind === "^") return text;
    this.#length += text.length;
    if (this.#length > maxLength)
      throw notSupported(`a search template of more than ${maxLength} characters`);
    return text;
  }

  #section(token: Token, scopes: readonly unknown[]): string {
    const [, name] = token;
    const delimiter = /^join delimiter='(.*)'$/s.exec(name)?.[1];
    if (name === "toJson") return toJson(this.#argument(token, scopes));
    if (name === "join" || delimiter !== undefined)
      return join(this.#argument(token, scopes), delimiter ?? ",");
    if (name === "url")
      return new URLSearchParams([["", this.render(innerOf(token), scopes)]]).toString().slice(1);
    const value = lookUp(name, scopes);
    if (isFalsy(value)) return "";
    const inner = innerOf(token);
    if (Array.isArray(value))
      return (value as readonly unknown[])
        .map((item) => this.render(inner, [...scopes, item]))
        .join("");
    return this.render(inner, isObject(value) ? [...scopes, value] : scopes);
  }

  /** The value that the one name inside a function stands for. */
  #argument(token: Token, scopes: readonly unknown[]): unknown {
    const inner = innerOf(token);
    const [only] = inner;
    if (inner.length === 1 && only?.[0] === "text") return lookUp(only[1].trim(), scopes);
    throw compileProblem(
      this.#source,
      `Mustache function [${token[1]}] must contain one and only one identifier`,
    );
  }
}

/** The value of a name with dots in it; `undefined`: there is none. */
function lookUp(name: string, scopes: readonly unknown[]): unknown {
  if (name === ".") return scopes.at(-1);
  const [first = "", ...rest] = name.split(".");
  for (const scope of scopes.toReversed()) {
    const found = member(scope, first);
    if (found !== undefined) return rest.reduce(member, found);
  }
  return undefined;
}

function member(value: unknown, name: string): unknown {
  if (Array.isArray(value))
    return name === "size" ? value.length : (value as readonly unknown[])[Number(name)];
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isFalsy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return Array.isArray(value) && value.length === 0;
}

/** The text that stands for a value. @throws {EsError} for a list or object, which has none here */
function stringify(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (isRawNumber(value)) return numberText(value.rawJSON);
  if (typeof value === "object")
    throw notSupported(`[${name}] of a search template, which is a list or object, without toJson`);
  return jsonText(value);
}

/** A number as Java prints it: whole ones as they are, others as doubles. */
function numberText(text: string): string {
  return /[.eE]/.test(text) ? doubleText(Number(text)) : text;
}

function toJson(value: unknown): string {
  const isPlain = !Array.isArray(value) && !isObject(value);
  return isPlain ? stringify("toJson", value) : jsonText(value);
}

function join(value: unknown, delimiter: string): string {
  if (!Array.isArray(value)) return stringify("join", value);
  return (value as readonly unknown[]).map((item) => stringify("join", item)).join(delimiter);
}
