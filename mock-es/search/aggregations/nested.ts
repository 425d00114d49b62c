/** `nested` and `reverse_nested`: into the nested objects of documents, and out of them. */
import { parsingException } from "../../es-error.ts";
import { type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { nestedDocuments, parentPathOf } from "../fields/nested-documents.ts";
import { shardFailure } from "../problem.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  type AggregationParser,
  Bucket,
  checkSettings,
} from "./aggregation.ts";
import { byIndex } from "./by-index.ts";

/** The context of what is inside a `nested` or `reverse_nested`; the given one for others. */
export function innerContext(
  type: string,
  name: string,
  body: JsonObject,
  context: AggregationContext,
): AggregationContext {
  if (type === "nested") {
    checkSettings("nested", body, ["path"]);
    const path = pathOf(name, body);
    return within(context, () => path);
  }
  if (type === "reverse_nested") {
    checkSettings("reverse_nested", body, ["path"]);
    return within(context, (shard) => outerPath(name, body, shard));
  }
  return context;
}

function within(
  context: AggregationContext,
  pathIn: (shard: SearchContext) => string | undefined,
): AggregationContext {
  const shards = context.shards.map((shard) => ({ ...shard, nestedPath: pathIn(shard) }));
  return { ...context, shards };
}

function pathOf(name: string, body: JsonObject): string {
  if (body["path"] === undefined) {
    const reason = `Missing [path] field for nested aggregation [${name}]`;
    throw parsingException(reason).at(body, undefined, "end");
  }
  if (typeof body["path"] !== "string")
    throw parsingException(`Unexpected token ${tokenOf(body["path"])} in [${name}].`).at(
      body,
      "path",
    );
  return body["path"];
}

/** The path that a `reverse_nested` leads to; `undefined`: the root document. */
function outerPath(name: string, body: JsonObject, shard: SearchContext): string | undefined {
  const { nestedPath, index, mappings } = shard;
  const refuse = (reason: string): Error =>
    shardFailure(index, "illegal_argument_exception", reason);
  if (nestedPath === undefined) {
    throw refuse(
      `Reverse nested aggregation [${name}] can only be used inside a [nested] aggregation`,
    );
  }
  if (body["path"] === undefined) return undefined;
  const wanted = textOf(body["path"]);
  for (
    let path = parentPathOf(mappings, nestedPath);
    path !== undefined;
    path = parentPathOf(mappings, path)
  )
    if (path === wanted) return wanted;
  throw refuse(
    `Reverse nested path [${wanted}] is not a parent of the current nested scope [${nestedPath}]`,
  );
}

/** `nested`. */
export function parseNestedAggregation(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  const path = pathOf(name, body);
  const objects = byIndex(context, ({ mappings, nestedPath }) => {
    if (mappings.find(path)?.type !== "nested") return () => [];
    return (document: SearchDocument) => nestedDocuments(mappings, document, path, nestedPath);
  });
  return {
    resultType: "nested",
    create() {
      const bucket = new Bucket(sub, context);
      return {
        collect(document, score) {
          for (const object of objects(document)?.(document) ?? []) bucket.collect(object, score);
        },
        result: () => bucket.result(),
      };
    },
  };
}

/** `reverse_nested`: each outer document counts once, however many of its objects are met. */
export const parseReverseNested: AggregationParser = (name, body, sub, context) => {
  const paths = byIndex(context, (shard) => ({ path: outerPath(name, body, shard) }));
  return {
    resultType: "reverse_nested",
    create() {
      const bucket = new Bucket(sub, context);
      const seen = new WeakSet<SearchDocument>();
      return {
        collect(document, score) {
          const outer = outOf(document, paths(document)?.path);
          if (seen.has(outer)) return;
          seen.add(outer);
          bucket.collect(outer, score);
        },
        result: () => bucket.result(),
      };
    },
  };
};

function outOf(document: SearchDocument, path: string | undefined): SearchDocument {
  let outer = document;
  while (outer.parent !== undefined) {
    if (path !== undefined && "path" in outer && outer.path === path) break;
    outer = outer.parent;
  }
  return outer;
}
