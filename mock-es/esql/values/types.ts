/** The types of columns and values. */

/** A type as error texts name it. */
export type DataType =
  | "null"
  | "boolean"
  | "integer"
  | "long"
  | "unsigned_long"
  | "double"
  | "keyword"
  | "text"
  | "datetime"
  | "date_nanos"
  | "ip"
  | "version"
  | "geo_point"
  | "_source"
  | "date_period"
  | "time_duration"
  | "unsupported";

/** The name of a type as answers show it. */
export function shownType(type: DataType): string {
  return type === "datetime" ? "date" : type;
}

const numeric: ReadonlySet<DataType> = new Set(["integer", "long", "unsigned_long", "double"]);

/** True for types of numbers. */
export function isNumeric(type: DataType): boolean {
  return numeric.has(type);
}

/** True for both types of texts. */
export function isString(type: DataType): boolean {
  return type === "keyword" || type === "text";
}

export function isTemporal(type: DataType): boolean {
  return type === "datetime" || type === "date_nanos";
}

/** True for amounts of time, which no column holds. */
export function isAmount(type: DataType): boolean {
  return type === "date_period" || type === "time_duration";
}

/** The type that two numbers are brought to; `undefined` where they do not mix. */
export function commonNumber(a: DataType, b: DataType): DataType | undefined {
  if (a === b) return a;
  if (a === "unsigned_long" || b === "unsigned_long") return undefined;
  if (a === "double" || b === "double") return "double";
  return "long";
}

/** What `::name` means; `undefined` for no type. */
export function castType(name: string): DataType | undefined {
  return Object.hasOwn(castNames, name) ? castNames[name] : undefined;
}

const castNames: Readonly<Record<string, DataType>> = {
  bool: "boolean",
  boolean: "boolean",
  int: "integer",
  integer: "integer",
  long: "long",
  unsigned_long: "unsigned_long",
  ul: "unsigned_long",
  double: "double",
  string: "keyword",
  keyword: "keyword",
  date: "datetime",
  datetime: "datetime",
  date_nanos: "date_nanos",
  ip: "ip",
  version: "version",
  geo_point: "geo_point",
  date_period: "date_period",
  time_duration: "time_duration",
};
