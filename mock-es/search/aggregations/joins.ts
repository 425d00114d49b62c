/** `children` and `parent`: across the relations of a join field. */
import { parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { joinFieldOf, joinShard } from "../fields/join-field.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  type AggregationParser,
  Bucket,
  checkSettings,
} from "./aggregation.ts";

function parseJoin(
  kind: "children" | "parent",
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings(kind, body, ["type"]);
  if (body["type"] === undefined) {
    const reason = `Missing [child_type] field for ${kind} aggregation [${name}]`;
    throw parsingException(reason).at(body, undefined, "end");
  }
  const child = textOf(body["type"]);
  let others: ReadonlyMap<SearchDocument, readonly SearchDocument[]> | undefined;
  return {
    resultType: kind,
    create() {
      const bucket = new Bucket(sub, context);
      const seen = new Set<SearchDocument>();
      return {
        collect(document, score) {
          others ??= joinedBy(kind, child, context);
          for (const other of others.get(document) ?? []) {
            if (seen.has(other)) continue;
            seen.add(other);
            bucket.collect(other, score);
          }
        },
        result: () => bucket.result(),
      };
    },
  };
}

/** The documents that each document leads to, in all shards. */
function joinedBy(
  kind: "children" | "parent",
  child: string,
  { shards }: AggregationContext,
): ReadonlyMap<SearchDocument, readonly SearchDocument[]> {
  const found = new Map<SearchDocument, readonly SearchDocument[]>();
  for (const shard of shards) {
    const field = joinFieldOf(shard.mappings);
    if (field?.parentOf.has(child) !== true) continue;
    const { children, parents } = joinShard(field, child, shard);
    if (kind === "children") for (const [parent, list] of children) found.set(parent, list);
    else for (const [document, parent] of parents) found.set(document, [parent]);
  }
  return found;
}

/** `children`: the children of the documents. */
export const parseChildren: AggregationParser = (name, body, sub, context) =>
  parseJoin("children", name, body, sub, context);

/** `parent`: the parents of the documents, each once. */
export const parseParents: AggregationParser = (name, body, sub, context) =>
  parseJoin("parent", name, body, sub, context);
