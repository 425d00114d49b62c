/** Errors of documents that do not fit their mapping. */
import { EsError } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleText } from "../json/java-number.ts";
import { endOf, type JsonPath, positionOf, toPosition, valueText } from "../json/json-position.ts";
import { parserProblem, placeholder, type ValueProblem } from "../search/fields/value-check.ts";
import { toJavaText } from "./java-text.ts";

/** A place in a document. */
export interface DocumentPlace {
  /** The document as JSON text. */
  readonly text: string;
  readonly id: string;
  readonly path: JsonPath;
}

/** `document_parsing_exception` with the place that the reason begins with. */
export function documentParsingOf(
  line: number,
  column: number,
  reason: string,
  extra: Record<string, unknown> = {},
): EsError {
  return new EsError(400, "document_parsing_exception", `[${line}:${column}] ${reason}`, extra);
}

/** The refusal at the value of a path. */
export function documentParsing(
  place: DocumentPlace,
  reason: string,
  causedBy?: ValueProblem,
): EsError {
  const { line, column } = positionOf(place.text, place.path);
  const extra = causedBy === undefined ? {} : { caused_by: causedBy };
  return documentParsingOf(line, column, reason, extra);
}

/** The refusal at the name of a member, with what Java says as the cause. */
export function badName(place: DocumentPlace, reason: string): EsError {
  const { line, column } = namePosition(place);
  return documentParsingOf(line, column, `failed to parse: ${reason}`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

/** Where the name of the member at a path begins, or the closest before it. */
export function namePosition({ text, path }: DocumentPlace): {
  readonly line: number;
  readonly column: number;
} {
  const { offset } = positionOf(text, path);
  const quoted = text.lastIndexOf('"', text.lastIndexOf('"', offset - 1) - 1);
  return toPosition(text, Math.max(quoted, 0));
}

/** The refusal of a value that does not fit its field. */
export function valueRefused(
  place: DocumentPlace,
  field: string,
  type: string,
  value: unknown,
  problem: ValueProblem,
): EsError {
  const { text, path } = place;
  const start = positionOf(text, path);
  const isObject = typeof value === "object" && !isRawNumber(value);
  // Of an object the parser has read everything when it finds that it does not fit.
  const { line, column } = isObject ? endOf(text, path) : start;
  const what = `failed to parse field [${field}] of type [${type}] in document with id '${place.id}'`;
  const preview = `Preview of field's value: '${previewOf(value, type)}'`;
  const cause = completeCause(place, problem, isObject);
  const extra: Record<string, unknown> = { caused_by: cause };
  // Elasticsearch's own exceptions are root causes; those of Java are not.
  if (problem.type === "parsing_exception" || problem.type === "document_parsing_exception")
    extra["root_cause"] = [cause];
  return documentParsingOf(line, column, `${what}. ${preview}`, extra);
}

/** The refusal of a range whose ends are the wrong way round, behind the last of them. */
export function rangeRefused(
  place: DocumentPlace,
  field: string,
  type: string,
  reason: string,
): EsError {
  const { line, column } = endOf(place.text, place.path);
  const what = `failed to parse field [${field}] of type [${type}] in document with id '${place.id}'. Preview of field's value: 'null'`;
  return documentParsingOf(line, column, what, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

/** The refusal of a member that is named like a metadata field. */
export function metadataInside(place: DocumentPlace, name: string, value: unknown): EsError {
  const { line, column } = positionOf(place.text, place.path);
  const cause = {
    type: "document_parsing_exception",
    reason: `[${line}:${column}] Field [${name}] is a metadata field and cannot be added inside a document. Use the index API request parameters.`,
  };
  const shown = isRawNumber(value) ? value.rawJSON : toJavaText(value);
  return documentParsingOf(
    line,
    column,
    `failed to parse field [${name}] of type [${name}] in document with id '${place.id}'. Preview of field's value: '${shown}'`,
    { root_cause: [cause], caused_by: cause },
  );
}

function previewOf(value: unknown, type: string): string {
  const number = isRawNumber(value)
    ? /[.eE]/.test(value.rawJSON)
      ? Number(value.rawJSON)
      : undefined
    : typeof value === "number" && !Number.isInteger(value)
      ? value
      : undefined;
  if (number === undefined) return toJavaText(value);
  const isFloat = type === "float" || type === "half_float";
  return doubleText(isFloat && !Number.isFinite(Math.fround(number)) ? Infinity : number);
}

function completeCause(
  { text, path }: DocumentPlace,
  problem: ValueProblem,
  isObject: boolean,
): Record<string, unknown> {
  const start = positionOf(text, path);
  if (problem.type === "parsing_exception")
    return { ...problem, line: start.line, col: start.column };
  if (problem.type !== parserProblem)
    return {
      ...problem,
      reason: problem.reason.replace(placeholder, `${start.line}:${start.column}`),
    };
  // The parser stands behind the token that it cannot read.
  const length = isObject ? 1 : valueText(text, start.offset).length;
  const { line, column } = toPosition(text, start.offset + length);
  const source = quotedSource(text);
  const reason = `${problem.reason}\n at [Source: ${source}; line: ${line}, column: ${column}]`;
  const inner = problem.reason.startsWith("Numeric value")
    ? "input_coercion_exception"
    : "json_parse_exception";
  return {
    type: problem.type,
    reason: `[${line}:${column}] ${reason}`,
    caused_by: { type: inner, reason },
  };
}

/** Bytes of a document that the parser quotes at most. */
const quotedLength = 500;

function quotedSource(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= quotedLength) return `(byte[])"${text}"`;
  const shown = Buffer.from(text).subarray(0, quotedLength).toString();
  return `(byte[])"${shown}"[truncated ${bytes - quotedLength} bytes]`;
}
