/** What stands behind the action of a bulk line: names, conditions and options. */
import { EsError, type EsErrorCause, illegalArgument, notSupported } from "../es-error.ts";
import { toText } from "../json/coerce.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { toLong } from "../json/java-number.ts";
import { positionOf, valueText } from "../json/json-position.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { findSourceProblem } from "../search/fetch/source-problem.ts";
import { doubleProblem } from "../search/fields/number-check.ts";
import type { VersionType } from "../store/document-write.ts";
import { type FetchSource, toShownSource } from "./fetch-source.ts";
import { readVersionType } from "./write-parameters.ts";

/** An action line, as it stands in the body. */
export interface ActionLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The name of its action. */
  readonly action: string;
}

/** The members of an action that were given. */
export interface ActionMetadata {
  index?: string;
  id?: string;
  routing?: string;
  requireAlias?: boolean;
  requireDataStream?: boolean;
  listsPipelines?: boolean;
  pipeline?: string;
  dynamicTemplates?: Readonly<Record<string, string>>;
  retries?: number;
  opType?: string;
  version?: number;
  versionType?: VersionType | undefined;
  ifSeqNo?: number;
  ifPrimaryTerm?: number;
  fetchSource?: FetchSource | undefined;
}

/** Stands for any version, and for no number of a sequence. */
const [anyVersion, unassigned] = [-3, -2];

/**
 * Reads the members of an action; null says nothing, whatever its name is.
 *
 * @throws {EsError} 400 for an unknown member, and for a value that is none
 */
export function readMetadata(metadata: JsonObject, line: ActionLine): ActionMetadata {
  const values: ActionMetadata = {};
  for (const name in metadata)
    if (metadata[name] !== null) readMember(values, name, metadata[name], line);
  if ((values.ifSeqNo ?? 0) < 0)
    throw illegalArgument(`sequence numbers must be non negative. got [${values.ifSeqNo}].`);
  if ((values.ifPrimaryTerm ?? 0) < 0)
    throw illegalArgument(`primary term must be non negative. got [${values.ifPrimaryTerm}]`);
  return values;
}

function readMember(values: ActionMetadata, name: string, value: unknown, line: ActionLine): void {
  if (typeof value === "object" && !isRawNumber(value)) readObject(values, name, value, line);
  else if (name === "_index") values.index = toText(value);
  else if (name === "_id") values.id = toText(value);
  else if (name === "routing") values.routing = toText(value);
  else if (name === "op_type") values.opType = toText(value);
  else if (name === "pipeline") values.pipeline = toText(value);
  else if (name === "version_type") values.versionType = readVersionType(toText(value));
  else if (name === "require_alias") values.requireAlias = readFlag(name, value, line);
  else if (name === "require_data_stream") values.requireDataStream = readFlag(name, value, line);
  else if (name === "list_executed_pipelines") values.listsPipelines = readFlag(name, value, line);
  else if (name === "retry_on_conflict") values.retries = readWhole(name, value, line, 32);
  else if (name === "version") assign(values, name, readWhole(name, value, line, 64), anyVersion);
  else if (name === "if_seq_no")
    assign(values, "ifSeqNo", readWhole(name, value, line, 64), unassigned);
  else if (name === "if_primary_term") values.ifPrimaryTerm = readWhole(name, value, line, 64);
  else if (name === "_source") values.fetchSource = readSource(value, line);
  else
    throw illegalArgument(
      `Action/metadata line [${line.number}] contains an unknown parameter [${name}]`,
    );
}

function readObject(values: ActionMetadata, name: string, value: unknown, line: ActionLine): void {
  if (name === "_source" && isObject(value)) values.fetchSource = readSource(value, line);
  else if (name === "dynamic_templates" && isObject(value))
    values.dynamicTemplates = readTexts(name, value, line);
  else
    throw illegalArgument(
      `Malformed action/metadata line [${line.number}], expected a simple value for field [${name}] but found [${tokenOf(value)}]`,
    );
}

/** Sets a number, but for the one that stands for none. */
function assign(
  values: ActionMetadata,
  name: "version" | "ifSeqNo",
  value: number,
  none: number,
): void {
  if (value !== none) values[name] = value;
}

function readFlag(name: string, value: unknown, line: ActionLine): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false" || value === "") return false;
  if (typeof value === "string")
    throw illegalArgument(
      `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
    );
  const token = /^-?\d+$/.test(toText(value)) ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT";
  throw unfit("json_parse_exception", `Current token (${token}) not of boolean type`, name, line);
}

/** A whole number; fractions are cut off. */
function readWhole(name: string, value: unknown, line: ActionLine, bits: 32 | 64): number {
  if (typeof value === "boolean") {
    const token = value ? "VALUE_TRUE" : "VALUE_FALSE";
    const reason = `Current token (${token}) not numeric, can not use numeric value accessors`;
    throw unfit("json_parse_exception", reason, name, line);
  }
  const text = toText(value);
  const problem = typeof value === "string" ? doubleProblem(text) : undefined;
  if (problem !== undefined) {
    if (bits === 32) throw new EsError(400, problem.type, problem.reason);
    throw illegalArgument(`For input string: "${text}"`);
  }
  const whole = /^[+-]?\d+$/.test(text) ? BigInt(text.replace("+", "")) : wholeOf(Number(text));
  const most = 2n ** BigInt(bits - 1);
  if (whole === undefined || whole < -most || whole >= most) {
    const [type, of] = bits === 32 ? ["int", "an integer"] : ["long", "a long"];
    if (typeof value === "string")
      throw illegalArgument(`Value [${text}] is out of range for ${of}`);
    const range = `out of range of ${type} (${-most} - ${most - 1n})`;
    throw unfit("input_coercion_exception", `Numeric value (${text}) ${range}`, name, line);
  }
  const number = toLong(whole);
  if (typeof number === "number") return number;
  throw notSupported(`a [${name}] beyond 2^53`);
}

function wholeOf(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
}

/** Texts by name. @throws {EsError} 400 for a value that is none */
function readTexts(name: string, value: JsonObject, line: ActionLine): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => {
      if (text !== null && (typeof text !== "object" || isRawNumber(text)))
        return [key, toText(text)];
      const { line: row, column } = positionOf(line.text, [line.action, name, key]);
      throw illegalArgument(`Expected text at ${row}:${column} but found ${tokenOf(text)}`);
    }),
  );
}

function readSource(value: unknown, { text, action }: ActionLine): FetchSource | undefined {
  const problem = findSourceProblem(value, text, [action, "_source"]);
  if (problem === undefined) return toShownSource(value);
  if (problem.error.type !== "parsing_exception") throw problem.error;
  const cause = problem.error.toCause();
  throw new EsError(400, "parse_exception", "could not parse bulk request body", {
    root_cause: [cause],
    caused_by: cause,
  });
}

/** The refusal of a token; the server's parser stands behind it. */
function unfit(type: string, reason: string, name: string, { text, action }: ActionLine): EsError {
  const { line, column, offset } = positionOf(text, [action, name]);
  const end = column + Buffer.byteLength(valueText(text, offset));
  const place = `\n at [Source: (byte[])"${text}"; line: ${line}, column: ${end}]`;
  const cause: EsErrorCause = { type, reason: `${reason}${place}` };
  return new EsError(400, "x_content_parse_exception", `[${line}:${end}] ${reason}${place}`, {
    caused_by: cause,
  });
}
