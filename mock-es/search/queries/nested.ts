/** `nested`: queries on objects that are documents of their own. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { Faults } from "../faults.ts";
import { rootOf } from "../fields/reader.ts";
import { nestedScope, nestedDocuments } from "../fields/nested-documents.ts";
import { booleanSetting, type PlainMember, plainMembers } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  constantScore,
  NO_MATCH,
  matchNone,
  type Scorer,
} from "./compiled-query.ts";
import { boosted } from "./compound-queries.ts";
import { addInnerHits } from "./inner-hits.ts";
import { shardFailure } from "../problem.ts";
import { requireExpensive } from "./shard-problem.ts";

const objects = ["query", "inner_hits"];
const values = ["path", "score_mode", "ignore_unmapped", "boost", "_name"];

function checkMode(mode: string, place: PlainMember["place"]): void {
  if (["avg", "sum", "min", "max", "none"].includes(mode)) return;
  throw illegalArgument(`No score mode for child query [${mode}] found`).standingAt(...place);
}

/** `nested`: documents of which an inner object matches; each inner object is judged alone. */
export function parseNested(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  requireExpensive(context, "[joining] queries");
  let [path, query]: unknown[] = [];
  for (const { key, value, place } of plainMembers(body)) {
    const isFit = isObject(value) ? objects.includes(key) : values.includes(key);
    if (!isFit) throw parsingException(`[nested] query does not support [${key}]`).at(...place);
    if (key === "path") path = value;
    if (key === "query") query = value;
    if (key === "score_mode") checkMode(textOf(value), place);
  }
  if (path === undefined) throw illegalArgument("[nested] requires 'path' field");
  if (query === undefined) throw illegalArgument("[nested] requires 'query' field");
  const name = textOf(path);
  const mode = textOf(body["score_mode"] ?? "avg");
  const isNested = context.mappings.find(name)?.type === "nested";
  const faults = new Faults();
  const inner = faults.attempt("", () =>
    compile(query, {
      ...context,
      ...(isNested
        ? nestedScope(context, name)
        : { corpus: [], statistics: undefined, nestedPath: name }),
      isScored: context.isScored && mode !== "none",
      // What matches inside is named by inner hits only.
      onNamed: undefined,
      onInner: undefined,
    }),
  );
  faults.throwFirst("parse");
  const boost = boostOf("nested", body);
  if (!isNested) {
    if (booleanSetting(body, "ignore_unmapped", false)) return constantScore(() => false, 1);
    const reason = `[nested] failed to find nested object under path [${name}]`;
    const { index } = context;
    throw shardFailure(index, "query_shard_exception", reason, { index_uuid: "_na_", index });
  }
  faults.throwAny();
  if (inner === undefined || inner.isNone === true) return matchNone;
  if (isObject(body["inner_hits"])) addInnerHits(body["inner_hits"], name, query, context, compile);
  const { nestedPath } = context;
  if (nestedPath !== undefined && !name.startsWith(`${nestedPath}.`)) {
    // The server takes the object that is stored behind one for the object around it.
    const roots = new Set([...(context.corpus ?? [])].map(rootOf));
    const objects = [...roots].flatMap((root) => [
      ...nestedDocuments(context.mappings, root, name),
    ]);
    if (objects.slice(0, -1).some((object) => inner.score(object) !== NO_MATCH))
      throw notSupported(`[nested] of the path [${name}] within that of [${nestedPath}]`);
    return constantScore(() => false, 1);
  }
  const score = nestedScorer(context, name, inner.score, mode);
  return boosted({ score, isConstant: false }, boost);
}

function nestedScorer(context: SearchContext, path: string, inner: Scorer, mode: string): Scorer {
  const { mappings, nestedPath } = context;
  return (document) => {
    let count = 0;
    let sum = 0;
    let least = Infinity;
    let most = -Infinity;
    for (const object of nestedDocuments(mappings, document, path, nestedPath)) {
      const part = inner(object);
      if (part === NO_MATCH) continue;
      if (mode === "none") return 0;
      count++;
      sum += part;
      least = Math.min(least, part);
      most = Math.max(most, part);
    }
    if (count === 0) return NO_MATCH;
    if (mode === "min") return least;
    if (mode === "max") return most;
    return Math.fround(mode === "sum" ? sum : sum / count);
  };
}
