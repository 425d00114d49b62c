/** Members of a request for term vectors, read as the server's parser reads them. */
import { EsError, illegalArgument, notSupported, ownPlace } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { sentText } from "../json/odd-numbers.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { javaClass } from "../store/java-class.ts";
import { readVersionType } from "./write-parameters.ts";

/** Members that are true or false. */
export const termVectorFlags: readonly string[] = [
  "offsets",
  "positions",
  "payloads",
  "term_statistics",
  "field_statistics",
];

const texts: ReadonlySet<string> = new Set("_index _id _routing routing".split(" "));

/** The refusal of a request that cannot be read. */
export function unparsable(reason: string): EsError {
  return new EsError(400, "parse_exception", `failed to parse term vectors request. ${reason}`);
}

/** @throws {EsError} 400 for members that there are not, or of another shape than they have */
export function readTermVectorBody(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, readMember(name, value, body)]),
  );
}

function readMember(name: string, value: unknown, body: JsonObject): unknown {
  if (name === "version_type") return readVersionType(readText(value, body, name));
  if (texts.has(name)) return readText(value, body, name);
  if (termVectorFlags.includes(name)) return readFlag(name, value);
  switch (name) {
    case "doc":
      return value;
    case "fields":
      if (!Array.isArray(value)) throw unparsable("field [fields] must be an array");
      return value.map((field, at) => readText(field, value, String(at)));
    case "version":
      return readVersion(value);
    case "per_field_analyzer":
      if (!isObject(value)) throw notSupported(`[${name}] that is no object`);
      for (const [field, analyzer] of Object.entries(value)) checkAnalyzerName(field, analyzer);
      return value;
    case "filter":
      if (!isObject(value)) throw notSupported(`[${name}] that is no object`);
      return value;
    default:
      throw unparsable(`unknown field [${name}]`);
  }
}

function readText(value: unknown, holder: object, key: string): string {
  if (value !== null && (typeof value !== "object" || isRawNumber(value)))
    return sentText(holder, key);
  const reason = `Expected text at ${ownPlace} but found ${tokenOf(value)}`;
  throw illegalArgument(reason).standingAt(holder, key);
}

function readFlag(name: string, value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false" || value === "") return false;
  if (typeof value !== "string") throw notSupported(`[${name}] that is no boolean`);
  throw illegalArgument(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
}

function readVersion(value: unknown): number {
  if (typeof value !== "string" && typeof value !== "number")
    throw notSupported("[version] that is no number");
  const text = String(value);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text))
    throw illegalArgument(`For input string: "${text}"`);
  if (Math.abs(Number(text)) >= 2 ** 63)
    throw illegalArgument(`Value [${text}] is out of range for a long`);
  return Math.trunc(Number(text));
}

function checkAnalyzerName(field: string, analyzer: unknown): void {
  if (typeof analyzer === "string") return;
  if (analyzer === null || isObject(analyzer)) throw notSupported("an analyzer that is no text");
  const found = Array.isArray(analyzer)
    ? "java.util.ArrayList"
    : `java.lang.${javaClass(analyzer)}`;
  const reason = `expecting the analyzer at [${field}] to be a String, but found [class ${found}] instead`;
  throw new EsError(400, "parse_exception", reason);
}

/** What a request for the terms of several documents asks for. */
export interface MultiTermVectors {
  /** Each with what all have in common. */
  readonly docs: readonly JsonObject[];
  readonly ids: { readonly names: readonly string[]; readonly body: JsonObject };
}

/**
 * Reads `docs`, `ids` and `parameters`; these count for the documents behind them, and for all ids.
 *
 * @param fromQuery what the query string says of all
 * @throws {EsError} 400 for other members, or of another shape
 */
export function readMultiTermVectors(body: JsonObject, fromQuery: JsonObject): MultiTermVectors {
  let shared = fromQuery;
  const docs: JsonObject[] = [];
  const names: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name === "docs" && Array.isArray(value))
      for (const doc of value as readonly unknown[]) {
        if (!isObject(doc)) throw illegalArgument("docs array element should include an object");
        docs.push({ ...shared, ...readTermVectorBody(doc) });
      }
    else if (name === "ids" && Array.isArray(value)) names.push(...readIds(value));
    else if (name === "parameters" && isObject(value))
      shared = { ...shared, ...readTermVectorBody(value) };
    else throw notAParameter(name, value);
  }
  return { docs, ids: { names, body: shared } };
}

function readIds(list: readonly unknown[]): string[] {
  return list.map((id, at) => {
    if (id === null || (typeof id === "object" && !isRawNumber(id)))
      throw illegalArgument("ids array element should only contain ids");
    return sentText(list, at);
  });
}

function notAParameter(name: string, value: unknown): EsError {
  const isSingle = !Array.isArray(value) && !isObject(value);
  const reason = isSingle
    ? `_mtermvectors: Parameter [${name}] not supported`
    : `no parameter named [${name}] and type ${isObject(value) ? "OBJECT" : "ARRAY"}`;
  return new EsError(400, "parse_exception", reason);
}
