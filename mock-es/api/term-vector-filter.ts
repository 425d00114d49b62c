/** Reads the filter of term vectors. */
import { EsError, notSupported } from "../es-error.ts";
import { isObject, textOf } from "../json/json-value.ts";
import type { TermFilter } from "../search/term-vector-filter.ts";

/** Bounds where none is given. */
const defaults: TermFilter = {
  maxTerms: 25,
  minTermFrequency: 1,
  maxTermFrequency: Infinity,
  minDocumentFrequency: 1,
  maxDocumentFrequency: Infinity,
  minLength: 0,
  maxLength: 0,
};

const names: Readonly<Record<string, keyof TermFilter>> = {
  max_num_terms: "maxTerms",
  min_term_freq: "minTermFrequency",
  max_term_freq: "maxTermFrequency",
  min_doc_freq: "minDocumentFrequency",
  max_doc_freq: "maxDocumentFrequency",
  min_word_length: "minLength",
  max_word_length: "maxLength",
};

/**
 * Reads `filter`.
 *
 * @throws {EsError} 400 for unknown members and values that are no whole numbers; 400 for what
 *   makes the server fail itself: no object, and fewer terms than one
 */
export function readTermFilter(given: unknown): TermFilter | undefined {
  if (given === undefined) return undefined;
  if (!isObject(given)) throw notSupported("[filter] that is no object in term vectors");
  const filter: Record<string, number> = { ...defaults };
  for (const [member, value] of Object.entries(given)) {
    if (!Object.hasOwn(names, member))
      throw new EsError(
        400,
        "parse_exception",
        `failed to parse term vectors request. the field [${member}] is not valid for filter parameter for term vector request`,
      );
    filter[names[member] ?? member] = readWhole(member, value);
  }
  const read = { ...defaults, ...filter };
  if (read.maxTerms < 1) throw notSupported("[filter.max_num_terms] below 1");
  return read;
}

/** Whole numbers, or texts of them; digits after the point are cut off, as the server does it. */
function readWhole(member: string, value: unknown): number {
  const text = textOf(value);
  if (!/^[+-]?\d+(?:\.\d*)?$/.test(text)) {
    if (typeof value !== "string") throw notSupported(`[filter.${member}] that is no number`);
    throw new EsError(400, "number_format_exception", `For input string: "${value}"`);
  }
  return Math.trunc(Number(text));
}
