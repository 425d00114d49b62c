/** A `knn` query on a field without a graph: every vector is compared, and every one is found. */
import { floatText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { QueryExplanation } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { NO_MATCH, type Scorer } from "./compiled-query.ts";
import { match, noMatch } from "./explanation.ts";

const flatTypes: ReadonlySet<unknown> = new Set(["flat", "int8_flat", "int4_flat"]);

/** True where the server looks at every vector and takes no `k` of them. */
export function isExact(body: JsonObject, field: Field | undefined): boolean {
  const options = field?.parameters["index_options"];
  if (!isObject(options) || !flatTypes.has(options["type"])) return false;
  return oversample(body, options) === 0;
}

/** How many times `k` are compared anew with all digits; 0: none. */
export function oversample(body: JsonObject, options: JsonObject): number {
  const rescored = body["rescore_vector"] ?? options["rescore_vector"];
  if (options["type"] === "flat" || options["type"] === "hnsw") return 0;
  return isObject(rescored) ? Number(textOf(rescored["oversample"])) : 0;
}

/** What an exact comparison is made of. */
export interface ExactKnn {
  /** How near a vector is, without anything else. */
  readonly bare: Scorer;
  readonly filter: QueryExplanation | undefined;
  /** The least score, where the query asks for one. */
  readonly least: { readonly score: number; readonly similarity: number } | undefined;
  readonly boost: number;
  readonly field: string;
}

/** Explains an exact comparison. */
export function explainExact({ bare, filter, least, boost, field }: ExactKnn): QueryExplanation {
  return {
    text: "DenseVectorQuery.Floats",
    explain(document, place, factor) {
      const passed = filter?.explain(document, place, 1);
      if (passed?.isMatch === false) return noMatch("Document does not match filter", [passed]);
      const value = bare(document);
      if (value === NO_MATCH)
        return noMatch(`Document not found in vector values for field: ${field}`);
      const score = Math.fround(value * boost * factor);
      const text = `found vector with calculated similarity: ${floatText(value)}`;
      if (least === undefined) return match(score, text);
      if (value >= least.score)
        return match(score, "vector similarity within limit", [match(value, text)]);
      const [found, wanted, given] = [value, least.score, least.similarity].map((one) =>
        one.toFixed(6),
      );
      const reason = `score [${found}] is less than matching minimum score [${wanted}] from similarity [${given}]`;
      return noMatch(`vector found, but ${reason}`, [match(value, text)]);
    },
  };
}
