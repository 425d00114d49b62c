/** The terms that the documents of a shard hold in a field. */
import { createTermReader } from "./document-terms.ts";
import type { SearchContext } from "./document.ts";
import type { Field } from "./field.ts";
import { createReader } from "./reader.ts";

/**
 * All terms of a field that a predicate accepts, sorted; `undefined` where the documents are not
 * known.
 */
export function termsOf(
  context: SearchContext,
  field: Field,
  accepts: (term: string) => boolean,
): string[] | undefined {
  const { corpus } = context;
  if (corpus === undefined) return undefined;
  const seen = new Set<string>();
  const found: string[] = [];
  const add = (term: string): void => {
    if (seen.has(term)) return;
    seen.add(term);
    if (accepts(term)) found.push(term);
  };
  if (field.kind === "text") {
    const read = createTermReader(field);
    for (const document of corpus) for (const term of read(document).terms) add(term);
  } else {
    const read = createReader(field);
    for (const document of corpus) for (const value of read(document)) add(String(value));
  }
  return found.sort();
}
