/** `index.highlight.max_analyzed_offset`: the longest value that is analyzed for a highlight. */
import { EsError } from "../../es-error.ts";
import { textOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { shardFailure } from "../problem.ts";

/**
 * Makes the check of the values of a field. The plain highlighter analyzes each value, the unified
 * one all of them together, unless the index holds their offsets.
 *
 * @param asked the bound that a search sets; what is beyond it is not analyzed
 */
export function createOffsetCheck(
  field: string,
  isPlain: boolean,
  asked: number | undefined,
  context: SearchContext,
): (document: SearchDocument, values: readonly string[]) => void {
  const most = context.limits.maxAnalyzedOffset;
  if (asked !== undefined && asked <= most) return () => {};
  const parameters = context.mappings.find(field)?.parameters ?? {};
  const hasOffsets =
    parameters["index_options"] === "offsets" ||
    textOf(parameters["term_vector"] ?? "").includes("offsets");
  if (!isPlain && hasOffsets) return () => {};
  return (document, values) => {
    const lengths = values.map(({ length }) => length);
    const together = lengths.reduce((sum, length) => sum + length, values.length - 1);
    const tooLong = isPlain ? lengths.find((length) => length > most) : together;
    if (tooLong === undefined || tooLong <= most) return;
    const place = isPlain ? document.id : document.seqNo;
    const reason = `The length [${tooLong}] of field [${field}] in doc[${place}]/index[${context.index}] exceeds the [index.highlight.max_analyzed_offset] limit [${most}]. To avoid this error, set the query parameter [max_analyzed_offset] to a value less than index setting [${most}] and this will tolerate long field values by truncating them.`;
    const {
      status,
      type,
      reason: text,
      extra,
    } = shardFailure(context.index, "illegal_argument_exception", reason);
    throw new EsError(status, type, text, { ...extra, phase: "fetch" });
  };
}
