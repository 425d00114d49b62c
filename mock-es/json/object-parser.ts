/** Reads objects of bodies as the server's object parsers do, with their errors. */
import {
  EsError,
  illegalArgument,
  notSupported,
  ownPlace,
  xContentParseException,
} from "../es-error.ts";
import { didYouMean } from "../text/likeness.ts";
import { isRawNumber } from "./exact-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "./json-value.ts";

/** What a member may be written as. */
export type MemberKind =
  | "any"
  | "boolean"
  | "boolean or null"
  | "int"
  | "long"
  | "object"
  | "object or null"
  | "objects"
  | "string"
  | "string or null"
  | "strings";

/** One member of an object. */
export interface Member {
  readonly kind: MemberKind;
  /** @default false */
  readonly isRequired?: boolean;
  /** True for one that is set when the object is made already. @default false */
  readonly isSetLater?: boolean;
  /** `whole`: a list is read at once. @default each of its entries is */
  readonly reads?: "whole";
  /** Makes something else of the value; what it throws is told as the member's error. */
  readonly read?: (value: unknown, holder: JsonObject, key: string) => unknown;
}

/** An object by its members. */
export interface Shape<T> {
  /** Name of the parser in its errors. */
  readonly name: string;
  readonly members: Readonly<Record<string, Member>>;
  /** Makes something of the values; what it throws is told as the object's error. */
  readonly build: (values: JsonObject) => T;
}

const tokens: Readonly<Record<Exclude<MemberKind, "any">, readonly string[]>> = {
  boolean: ["VALUE_BOOLEAN", "VALUE_STRING"],
  "boolean or null": ["VALUE_BOOLEAN", "VALUE_STRING", "VALUE_NULL"],
  int: ["VALUE_NUMBER", "VALUE_STRING"],
  long: ["VALUE_NUMBER", "VALUE_STRING"],
  object: ["START_OBJECT"],
  "object or null": ["START_OBJECT", "VALUE_NULL"],
  objects: ["START_OBJECT", "START_ARRAY"],
  string: ["VALUE_STRING"],
  "string or null": ["VALUE_STRING", "VALUE_NULL"],
  strings: ["START_ARRAY", "VALUE_STRING"],
};

/**
 * Reads an object member by member.
 *
 * @throws {EsError} 400 for the first thing that is wrong, in the order of the text
 */
export function parseShape<T>(shape: Shape<T>, object: JsonObject): T {
  const { name, members, build } = shape;
  const values: Record<string, unknown> = {};
  const awaited = new Set(Object.keys(members).filter((key) => members[key]?.isSetLater !== true));
  let built: { readonly value: T } | undefined;
  for (const [key, value] of Object.entries(object)) {
    const member = Object.hasOwn(members, key) ? members[key] : undefined;
    if (member === undefined) {
      const near = didYouMean(key, Object.keys(members), 0.5);
      throw xContentParseException(`[${name}] unknown field [${key}]${near}`).at(
        object,
        key,
        "key",
      );
    }
    checkKind(name, member.kind, object, key);
    inMember(name, key, object, () => {
      values[key] = readMember(member, value, object, key);
      // Once all that it needs is there, the server makes the object, wherever it stands.
      if (awaited.delete(key) && awaited.size === 0)
        built = { value: atEndOf(value, () => make(name, build, values)) };
    });
  }
  if (built !== undefined) return built.value;
  const missing = [...awaited].filter((key) => members[key]?.isRequired === true);
  if (missing.length > 0)
    throw illegalArgument(`Required [${missing.join(", ")}]`).standingAt(object, undefined, "end");
  return atEndOf(object, () => make(name, build, values));
}

/** Where the server's parser stands when it has read a value; what is single stands where it is. */
export function atEndOf<T>(value: unknown, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (typeof value !== "object" || value === null || !(error instanceof EsError)) throw error;
    throw error.standingAt(value, undefined, "end");
  }
}

/** Reads an object that stands as a value. @throws {EsError} 400 for what is none, too */
export function parseShapeAt<T>(shape: Shape<T>, value: unknown, holder: object, key: string): T {
  if (isObject(value)) return parseShape(shape, value);
  const reason = `[${shape.name}] Expected START_OBJECT but was: ${tokenOf(value)}`;
  throw xContentParseException(reason).at(holder, key);
}

/** Tells what is wrong with a member as the error of its object. */
export function inMember<T>(name: string, key: string, object: JsonObject, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const outer = xContentParseException(`[${name}] failed to parse field [${key}]`).around(error);
    throw outer.place === undefined ? outer.at(object, key) : outer;
  }
}

function make<T>(name: string, build: (values: JsonObject) => T, values: JsonObject): T {
  try {
    return build(values);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const reason = `Failed to build [${name}] after last required field arrived`;
    throw xContentParseException(reason).around(error);
  }
}

function checkKind(name: string, kind: MemberKind, object: JsonObject, key: string): void {
  const token = tokenOf(object[key]);
  if (kind === "any" || tokens[kind].includes(token)) return;
  const reason = `[${name}] ${key} doesn't support values of type: ${token}`;
  throw xContentParseException(reason).at(object, key);
}

function readMember(member: Member, value: unknown, object: JsonObject, key: string): unknown {
  const { kind, read = (one: unknown): unknown => one } = member;
  if (kind === "int") return read(toInt(value), object, key);
  if (kind === "long") return read(toLong(value), object, key);
  if (value === null && kind.endsWith(" or null")) return value;
  if (kind.startsWith("boolean")) return read(toBoolean(value), object, key);
  if (kind === "strings") return read(textsOf(value), object, key);
  if (kind !== "objects" || !Array.isArray(value) || member.reads === "whole")
    return read(value, object, key);
  return (value as readonly unknown[]).map((one, at) =>
    read(one, value as unknown as JsonObject, String(at)),
  );
}

function textsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [textOf(value)];
  const problem = elementProblem(value);
  if (problem !== undefined) throw problem;
  return value.map(textOf);
}

/** What is wrong with the first element of a list of texts that is none. */
export function elementProblem(list: readonly unknown[]): EsError | undefined {
  const at = list.findIndex((one) => one === null || Array.isArray(one) || isObject(one));
  if (at < 0) return undefined;
  if (Array.isArray(list[at])) return unexpectedList(list, at);
  const reason = `Expected text at ${ownPlace} but found ${tokenOf(list[at])}`;
  return illegalArgument(reason).standingAt(list, String(at));
}

/** The refusal of an element that is a list itself. */
export function unexpectedList(list: readonly unknown[], at: number): EsError {
  const reason = "expected value but got [START_ARRAY]";
  return new EsError(400, "illegal_state_exception", reason).standingAt(list, String(at));
}

/** A whole number that JavaScript can hold; fractions are cut off. */
function toLong(value: unknown): number {
  const text = isRawNumber(value) ? value.rawJSON : textOf(value);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text))
    throw illegalArgument(`For input string: "${text}"`);
  const number = Math.trunc(Number(text));
  if (typeof value === "string" && (number >= 2 ** 63 || number < -(2 ** 63)))
    throw illegalArgument(`Value [${text}] is out of range for a long`);
  if (!Number.isSafeInteger(number)) throw notSupported(`the number [${text}]`);
  return number;
}

/** A whole number; fractions are cut off. */
function toInt(value: unknown): number {
  const text = isRawNumber(value) ? value.rawJSON : textOf(value);
  const number = text.trim() === "" ? NaN : Number(text);
  if (Number.isNaN(number)) {
    const reason = text === "" ? "empty String" : `For input string: "${text}"`;
    throw new EsError(400, "number_format_exception", reason);
  }
  const whole = Math.trunc(number);
  if (whole >= -(2 ** 31) && whole < 2 ** 31) return whole;
  throw illegalArgument(`Value [${text}] is out of range for an integer`);
}

function toBoolean(value: unknown): boolean {
  if (value === true || value === "true") return true;
  // The server reads nothing as false.
  if (value === false || value === "false" || value === "") return false;
  throw illegalArgument(
    `Failed to parse value [${textOf(value)}] as only [true] or [false] are allowed.`,
  );
}
