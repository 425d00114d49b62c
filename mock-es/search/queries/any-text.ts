/** Queries that test each term, or each keyword, of a field. */
import { createTermReader } from "../fields/document-terms.ts";
import type { Field } from "../fields/field.ts";
import { createReader } from "../fields/reader.ts";
import { type CompiledQuery, constantScore } from "./compiled-query.ts";

/** Matches when any keyword value, or any term of a text, is accepted. */
export function anyText(
  field: Field,
  accepts: (text: string) => boolean,
  boost: number,
  text?: () => string,
): CompiledQuery {
  if (field.kind === "text") {
    const read = createTermReader(field);
    return {
      ...constantScore((document) => read(document).terms.some(accepts), boost, text),
      acceptsTerm: accepts,
    };
  }
  const read = createReader(field);
  return {
    ...constantScore(
      (document) => read(document).some((value) => accepts(String(value))),
      boost,
      text,
    ),
    acceptsTerm: accepts,
  };
}
