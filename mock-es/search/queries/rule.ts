/** `rule`: a query below what the rules of rulesets pin, without what they leave out. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { ruledDocuments, rulesFor } from "../query-rules.ts";
import type { Compile, CompiledQuery } from "./compiled-query.ts";
import { boostOf } from "./compiled-query.ts";
import { boosted, combine } from "./compound-queries.ts";
import { checkKnown } from "../known-members.ts";

const members = ["organic", "match_criteria", "ruleset_ids", "ruleset_id", "boost", "_name"];

/** `rule`. */
export function parseRule(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  checkKnown("rule", body, members);
  const { organic, match_criteria: criteria } = body;
  const ids = body["ruleset_ids"] ?? body["ruleset_id"];
  if (organic === undefined || criteria === undefined) {
    const missing = organic === undefined ? "organic" : "match_criteria";
    throw illegalArgument(`Required [${missing}]`);
  }
  if (ids === undefined || (Array.isArray(ids) && ids.length === 0))
    throw illegalArgument("rulesetIds must not be null or empty");
  const find = context.findRuleset;
  if (find === undefined) throw notSupported("[rule] here");
  const { pinned, excluded } = ruledDocuments(rulesFor(ids, criteria, find));
  const boost = boostOf("rule", body);
  const found = compile(
    pinned.length === 0 ? organic : { pinned: { [kindOf(pinned)]: pinned, organic } },
    context,
  );
  if (excluded.length === 0) return boosted(found, boost);
  const left = (document: SearchDocument): number =>
    excluded.some((each) => isNamed(document, each, context.index)) ? 1 : -1;
  return boosted(combine([found], [], [], [left], 0), boost);
}

function kindOf(list: readonly unknown[]): "ids" | "docs" {
  return list.some(isObject) ? "docs" : "ids";
}

function isNamed(document: SearchDocument, named: unknown, index: string): boolean {
  if (!isObject(named)) return document.id === textOf(named);
  const { _id: id, _index: own } = named;
  return document.id === textOf(id) && (own === undefined || textOf(own) === index);
}
