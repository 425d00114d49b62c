/** What documents may hold in a `sparse_vector` field. */
import { notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { isObject, textOf, tokenOf } from "../json/json-value.ts";
import { weightOf, weightProblem } from "../search/fields/sparse-vector.ts";
import { documentParsing } from "./document-problem.ts";
import { fieldName, type Walk } from "./document-walk.ts";

/**
 * Checks the tokens and weights that a document brings.
 *
 * @throws {EsError} 400 `document_parsing_exception`
 */
export function checkSparseVector(walk: Walk, value: unknown): void {
  const refuse = (reason: string, type = "illegal_argument_exception"): Error =>
    documentParsing(walk, `failed to parse: ${reason}`, { type, reason });
  if (!isObject(value) || isRawNumber(value)) {
    throw refuse(
      `[sparse_vector] fields must be json objects, expected a START_OBJECT but got: ${tokenOf(value)}`,
    );
  }
  if (walk.field !== undefined) throw notSupported("a token of a sparse_vector in a field's name");
  const field = fieldName(walk);
  for (const [token, given] of Object.entries(value)) {
    const isWeight =
      given === null ||
      typeof given === "number" ||
      typeof given === "string" ||
      isRawNumber(given);
    walk.path.push(token);
    if (!isWeight) {
      throw refuse(
        `[sparse_vector] fields take hashes that map a feature to a strictly positive float, but got unexpected token ${tokenOf(given)}`,
      );
    }
    const weight = weightOf(given);
    if (weight !== undefined) {
      if (Number.isNaN(weight))
        throw refuse(`For input string: "${textOf(given)}"`, "number_format_exception");
      const problem = weightProblem(field, token, weight);
      if (problem !== undefined) throw refuse(problem);
    }
    walk.path.pop();
  }
}
