/** Fields that hold nothing a text could be looked for in: points, vectors, bytes and the like. */
import { type EsError, notSupported } from "../../es-error.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** Types that patterns of fields leave out where a text is looked for. */
const textless: ReadonlySet<string> = new Set([
  "binary",
  "dense_vector",
  "geo_point",
  "geo_shape",
  "histogram",
  "point",
  "rank_feature",
  "rank_features",
  "shape",
]);

/** How the server refuses exact values, by type. */
const termRefusals: Readonly<Record<string, (name: string) => string>> = {
  binary: () => "Binary fields do not support searching",
  dense_vector: (name) => `Field [${name}] of type [dense_vector] doesn't support term queries`,
  geo_point: (name) =>
    `Geometry fields do not support exact searching, use dedicated geometry queries instead: [${name}]`,
};

/** True for a type that texts are not looked for in. */
export function isTextless(type: string | undefined): boolean {
  return type !== undefined && textless.has(type);
}

/** The refusal of a text that is looked for; `query` names the kind of query. */
export function textRefusal(context: SearchContext, field: Field, query: string): EsError {
  const reason = `Field [${field.name}] of type [${field.type}] does not support ${query} queries`;
  return queryShardFailure(context, "illegal_argument_exception", reason);
}

/** The refusal of an exact value that is looked for. */
export function termRefusal(context: SearchContext, field: Field): EsError {
  if (!Object.hasOwn(termRefusals, field.type))
    return notSupported(`a query on the field [${field.name}] of type [${field.type}]`);
  const reason = termRefusals[field.type]?.(field.name) ?? "";
  return queryShardFailure(context, "illegal_argument_exception", reason);
}

/** The refusal of a range of values. */
export function rangeRefusal(context: SearchContext, field: Field): EsError {
  return Object.hasOwn(termRefusals, field.type) || field.type === "sparse_vector"
    ? textRefusal(context, field, "range")
    : termRefusal(context, field);
}
