/** Values of EQL: their types, and how they are read from a document. */
import { EsError } from "../es-error.ts";
import { placeText, unsupported, verificationProblem } from "../esql/syntax/span.ts";
import type { Constant, Expression } from "./syntax.ts";

/** What kind of value something is. */
export type ValueType =
  | "string"
  | "integer"
  | "decimal"
  | "boolean"
  | "date"
  | "ip"
  | "version"
  | "null";

/** Gives the value of a field that is looked at. */
export type ReadField = (name: string) => Constant;

/** An expression that is ready to be computed. */
export interface Value {
  readonly type: ValueType;
  /** Name of the type as the server has it, for example `keyword`. */
  readonly typeName: string;
  readonly expression: Expression;
  /** The field that it is, by the name under which whole values are found. */
  readonly field?: string;
  /** Fields that are read. */
  readonly uses: readonly string[];
  readonly read: (read: ReadField) => Constant;
}

/** A field of the indices that are searched. */
export interface EqlField {
  /** Mapping type. */
  readonly type: string;
  /** Name under which whole values are found; `undefined` for a text without a keyword. */
  readonly exact: string | undefined;
  /** The nested object in which it is. */
  readonly nested: string | undefined;
}

/** The fields of the indices that are searched. */
export interface EqlFields {
  /** @returns `undefined` for a name that no index maps, "conflict" for one of several types */
  find(name: string): EqlField | "conflict" | undefined;
  /** Names of those that may be meant by an unknown one. */
  readonly names: readonly string[];
}

const types: Readonly<Record<string, readonly [ValueType, string]>> = {
  keyword: ["string", "keyword"],
  constant_keyword: ["string", "keyword"],
  wildcard: ["string", "keyword"],
  text: ["string", "text"],
  match_only_text: ["string", "text"],
  version: ["version", "version"],
  byte: ["integer", "byte"],
  short: ["integer", "short"],
  integer: ["integer", "integer"],
  long: ["integer", "long"],
  unsigned_long: ["integer", "unsigned_long"],
  half_float: ["decimal", "half_float"],
  float: ["decimal", "float"],
  scaled_float: ["decimal", "scaled_float"],
  double: ["decimal", "double"],
  boolean: ["boolean", "boolean"],
  date: ["date", "datetime"],
  date_nanos: ["date", "datetime"],
  ip: ["ip", "ip"],
};

/** The type of a field of a mapping type; `undefined` for one that the language has none for. */
export function typeOfField(mapped: string): readonly [ValueType, string] | undefined {
  return Object.hasOwn(types, mapped) ? types[mapped] : undefined;
}

/** The type of a constant, and its name. */
export function typeOfConstant(value: Constant, isDecimal: boolean): readonly [ValueType, string] {
  if (value === null) return ["null", "null"];
  if (typeof value === "string") return ["string", "keyword"];
  if (typeof value === "boolean") return ["boolean", "boolean"];
  if (isDecimal) return ["decimal", "double"];
  return ["integer", Math.trunc(value) === (value | 0) ? "integer" : "long"];
}

/** What is wrong with a query, told with its place. */
export class EqlProblems {
  readonly query: string;

  constructor(query: string) {
    this.query = query;
  }

  textOf({ start, end }: Expression): string {
    return this.query.slice(start, end);
  }

  /** 400 `verification_exception`. */
  verification(at: number, message: string): EsError {
    return verificationProblem(this.query, [{ at, message }]);
  }

  /** 400 `parsing_exception`. */
  parsing(at: number, message: string): EsError {
    return new EsError(400, "parsing_exception", `${placeText(this.query, at + 1)}: ${message}`);
  }

  unsupported(at: number, what: string): EsError {
    return unsupported(this.query, at, what);
  }
}
