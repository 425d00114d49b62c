/** Errors of documents that do not fit their mapping. */
import { EsError } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { floatText, numberOf } from "../json/java-number.ts";
import { endOf, type JsonPath, positionOf, toPosition, valueText } from "../json/json-position.ts";
import { parserProblem, placeholder, type ValueProblem } from "../search/fields/value-problem.ts";
import { toJavaText } from "../values/java-text.ts";

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

const ownProblems: ReadonlySet<string> = new Set([
  "parsing_exception",
  "document_parsing_exception",
  "parse_exception",
]);

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
  // A dotted name stands for an object that the text does not have.
  const isObject =
    typeof value === "object" && value !== null && "{[".includes(text[start.offset] ?? " ");
  // Of an object the parser has read everything when it finds that it does not fit.
  const { line, column } = isObject ? endOf(text, path) : start;
  const what = `failed to parse field [${field}] of type [${type}] in document with id '${place.id}'`;
  const preview = previewOf(value, type);
  const cause = completeCause(place, problem, isObject);
  const extra: Record<string, unknown> = { caused_by: cause };
  // Elasticsearch's own exceptions are root causes; those of Java are not.
  if (ownProblems.has(problem.type)) extra["root_cause"] = [rootOf(cause)];
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
  return documentParsingOf(
    line,
    column,
    `failed to parse field [${name}] of type [${name}] in document with id '${place.id}'. Preview of field's value: '${toJavaText(value)}'`,
    { root_cause: [cause], caused_by: cause },
  );
}

function previewOf(value: unknown, type: string): string {
  if (type === "float" || type === "half_float") {
    // The parser has made a float of the number, or of none that a float could show.
    if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value)
      return "Could not parse field value preview,";
    const isFraction = isRawNumber(value)
      ? /[.eE]/.test(value.rawJSON)
      : typeof value === "number" && !Number.isInteger(value);
    if (isFraction) return shownPreview(floatText(numberOf(value)));
  }
  return shownPreview(toJavaText(value));
}

function shownPreview(text: string): string {
  return `Preview of field's value: '${text}'`;
}

/** A root cause stands without the causes below it. */
function rootOf({ caused_by: _below, ...cause }: Record<string, unknown>): Record<string, unknown> {
  return cause;
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
  return parserCause(text, start.offset + length, problem.reason);
}

/** What the JSON parser says at an offset of the document. */
function parserCause(text: string, offset: number, what: string): Record<string, unknown> {
  const { line, column } = toPosition(text, offset);
  const source = quotedSource(text);
  const reason = `${what}\n at [Source: ${source}; line: ${line}, column: ${column}]`;
  const inner = what.startsWith("Numeric value")
    ? "input_coercion_exception"
    : "json_parse_exception";
  return {
    type: parserProblem,
    reason: `[${line}:${column}] ${reason}`,
    caused_by: { type: inner, reason },
  };
}

/** The refusal of a token, one character long, that the mapper of a field did not expect. */
export function tokenRefused({ text }: DocumentPlace, offset: number, what: string): EsError {
  const { line, column } = toPosition(text, offset);
  const cause = parserCause(text, offset + 1, what);
  return documentParsingOf(line, column, `failed to parse: ${String(cause["reason"])}`, {
    caused_by: cause,
  });
}

/** Bytes of a document that the parser quotes at most. */
const quotedLength = 500;

function quotedSource(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= quotedLength) return `(byte[])"${text}"`;
  const shown = Buffer.from(text).subarray(0, quotedLength).toString();
  return `(byte[])"${shown}"[truncated ${bytes - quotedLength} bytes]`;
}
