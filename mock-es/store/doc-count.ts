/** `_doc_count`: a document that stands for several, as those of histograms made elsewhere. */
import { notSupported } from "../es-error.ts";
import { numberOf } from "../json/java-number.ts";
import { isObject, textOf, tokenOf } from "../json/json-value.ts";
import { parserProblem, type ValueProblem } from "../search/fields/value-problem.ts";

const member = '"_doc_count"';
const mostDocuments = 2 ** 31 - 1;

/**
 * What a document counts for in buckets.
 *
 * @param text the JSON text of its source, which is parsed only where it may have the member
 */
export function docCountOf(text: string, parse: () => unknown): number {
  if (!text.includes(member)) return 1;
  const source = parse();
  const value = isObject(source) ? source["_doc_count"] : undefined;
  return value === undefined ? 1 : numberOf(value);
}

/**
 * What is wrong with a value; `undefined` for a positive whole number.
 *
 * @throws {EsError} 400 for a list, of which the server takes the values one after the other
 */
export function docCountProblem(value: unknown): ValueProblem | undefined {
  if (Array.isArray(value)) throw notSupported("a list as [_doc_count]");
  const token = tokenOf(value);
  if (token !== "VALUE_NUMBER") {
    const reason = `Failed to parse object: expecting token of type [VALUE_NUMBER] but found [${token}]`;
    return { type: "parsing_exception", reason };
  }
  const number = numberOf(value);
  if (!Number.isInteger(number)) {
    const reason = `${textOf(value)} cannot be converted to Integer without data loss`;
    return { type: "illegal_argument_exception", reason };
  }
  if (Math.abs(number) > mostDocuments) {
    const reason = `Numeric value (${textOf(value)}) out of range of int (-2147483648 - 2147483647)`;
    return { type: parserProblem, reason };
  }
  if (number > 0) return undefined;
  const reason = `Field [_doc_count] must be a positive integer. Value [${textOf(value)}] is not allowed.`;
  return { type: "illegal_argument_exception", reason };
}
