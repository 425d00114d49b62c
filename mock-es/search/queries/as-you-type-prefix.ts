/** `prefix` on a `search_as_you_type`, which looks into the field of beginnings. */
import { notSupported } from "../../es-error.ts";
import { asYouTypePart, shingleLimit } from "../fields/as-you-type.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { type CompiledQuery, constantScore } from "./compiled-query.ts";

/** Characters of the longest beginning that is indexed. */
const longest = 20;

/**
 * The query for texts that have the beginning of several terms in a row; `undefined` where the
 * server looks among the terms of the field.
 */
export function asYouTypePrefix(
  context: SearchContext,
  field: Field,
  prefix: string,
  boost: number,
): CompiledQuery | undefined {
  if (field.type !== "search_as_you_type" || prefix.length > longest) return undefined;
  const owner = resolveField(context, asYouTypePart(field.name)?.owner ?? field.name);
  if (owner === undefined) return undefined;
  if (prefix.endsWith(" "))
    throw notSupported(`a prefix of [${field.name}] that ends with a space`);
  const most = shingleLimit(owner.parameters);
  const read = createTermReader(owner);
  return constantScore((document) => {
    const { terms, positions } = read(document);
    return terms.some((_, at) => {
      let text = terms[at] ?? "";
      for (let next = at + 1; next < Math.min(at + most, terms.length); next++) {
        const gap =
          positions === undefined ? 1 : (positions[next] ?? 0) - (positions[next - 1] ?? 0);
        if (gap > 1 && gap < (owner.analysis?.positionGap ?? 0))
          throw notSupported(`a prefix of [${field.name}], whose analyzer leaves terms out`);
        if (gap !== 1) break;
        text += ` ${terms[next] ?? ""}`;
      }
      return text.startsWith(prefix);
    });
  }, boost);
}
