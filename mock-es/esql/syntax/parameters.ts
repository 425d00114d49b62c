/** Values that come with a query, for its `?`. */
import { EsError } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import type { LiteralValue } from "./syntax.ts";

/** One parameter: a value, several, or the name of a column. */
export type Parameter =
  | { readonly kind: "values"; readonly values: readonly LiteralValue[]; readonly isList: boolean }
  | { readonly kind: "name"; readonly name: string };

/** The parameters of a query. */
export interface Parameters {
  readonly positional: readonly Parameter[];
  readonly named: ReadonlyMap<string, Parameter>;
}

/**
 * Reads `params` of a request.
 *
 * @throws {EsError} 400 for what is no list of values, or of objects with one member each
 */
export function readParameters(raw: unknown): Parameters {
  const named = new Map<string, Parameter>();
  const positional: Parameter[] = [];
  if (raw === undefined) return { named, positional };
  if (!Array.isArray(raw)) throw problem("[params] must be a list");
  for (const entry of raw as readonly unknown[]) {
    if (!isObject(entry)) {
      positional.push(readValue(entry));
      continue;
    }
    const members = Object.entries(entry);
    if (members.length !== 1) throw problem("a parameter with several names, or none,");
    for (const [name, value] of members) {
      if (!/^[A-Za-z_]\w*$/.test(name)) throw problem(`the name [${name}] of a parameter`);
      const parameter = readValue(value);
      named.set(name, parameter);
      positional.push(parameter);
    }
  }
  if (named.size > 0 && named.size !== positional.length)
    throw problem("params of both kinds, with names and without, at once");
  return { named, positional };
}

function readValue(raw: unknown): Parameter {
  if (isObject(raw)) {
    const { identifier } = raw;
    if (typeof identifier === "string") return { kind: "name", name: identifier };
    if ("value" in raw) return readValue(raw["value"]);
    throw problem(`the parameter [${textOf(raw)}]`);
  }
  if (Array.isArray(raw))
    return { kind: "values", values: (raw as unknown[]).map(literalOf), isList: true };
  return { kind: "values", values: [literalOf(raw)], isList: false };
}

function literalOf(raw: unknown): LiteralValue {
  if (raw === null) return { type: "null" };
  if (typeof raw === "boolean") return { type: "boolean", value: raw };
  if (typeof raw === "string") return { type: "keyword", value: raw };
  const text = isRawNumber(raw) ? raw.rawJSON : textOf(raw);
  if (/^-?\d+$/.test(text)) return integerLiteral(BigInt(text));
  const value = Number(text);
  if (Number.isNaN(value)) throw problem(`the parameter [${textOf(raw)}]`);
  return { type: "double", value };
}

/** A whole number in the least type that holds it. */
export function integerLiteral(value: bigint): LiteralValue {
  if (value === BigInt.asIntN(32, value)) return { type: "integer", value: Number(value) };
  if (value === BigInt.asIntN(64, value)) return { type: "long", value };
  if (value === BigInt.asUintN(64, value)) return { type: "unsigned_long", value };
  return { type: "double", value: Number(value) };
}

function problem(what: string): EsError {
  const reason = `${what} is not supported by mock-es`;
  return new EsError(400, "illegal_argument_exception", reason);
}
