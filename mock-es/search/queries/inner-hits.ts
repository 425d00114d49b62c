/** `inner_hits` of nested queries: the objects that a query found in a document. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { floatJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { compileHit } from "../fetch/hit.ts";
import type { InnerHits, SearchContext, SearchDocument } from "../fields/document.ts";
import { nestedScope, nestedDocuments } from "../fields/nested-documents.ts";
import { compileHighlight } from "../highlight/highlight.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import { byRelevance, compileSort } from "../sort/sort.ts";
import { TopCandidates } from "../sort/top-candidates.ts";
import { type Compile, type NamedQuery, NO_MATCH } from "./compiled-query.ts";
import { checkKnown } from "../known-members.ts";

const members = [
  "name",
  "ignore_unmapped",
  "from",
  "size",
  "sort",
  "_source",
  "fields",
  "docvalue_fields",
  "stored_fields",
  "version",
  "seq_no_primary_term",
  "track_scores",
  "explain",
  "highlight",
  "script_fields",
  "collapse",
];

/** Objects that are shown when a request does not say how many. */
const defaultSize = 3;

/** Keeps what hits show under a name. @throws {EsError} for a name that is there already */
export function addInner(known: InnerHits[], found: InnerHits, { index }: SearchContext): void {
  if (known.some(({ name }) => name === found.name)) {
    const reason = `[inner_hits] already contains an entry for key [${found.name}]`;
    throw shardFailure(index, "illegal_argument_exception", reason);
  }
  known.push(found);
}

/**
 * Compiles `inner_hits` of a nested query, and tells the search of them.
 *
 * @param path where the nested objects are, or the name of other members
 * @param members what is looked at in place of nested objects
 * @throws {EsError} 400 in the server's words
 */
export function addInnerHits(
  body: JsonObject,
  path: string,
  query: unknown,
  context: SearchContext,
  compile: Compile,
  members?: (document: SearchDocument) => readonly SearchDocument[],
): void {
  checkMembers(body);
  const from = body["from"] === undefined ? 0 : wholeNumber("from", body["from"]);
  const size = body["size"] === undefined ? defaultSize : wholeNumber("size", body["size"]);
  checkWindow(body, from + size, context);
  if (body["seq_no_primary_term"] === true && members === undefined) refuseSequenceNumbers(context);
  if (context.onInner === undefined) return;
  const named: NamedQuery[] = [];
  const inner: InnerHits[] = [];
  const scope: SearchContext = {
    ...context,
    ...(members === undefined ? nestedScope(context, path) : { nestedPath: undefined }),
    isScored: true,
    isForInnerHits: true,
    onNamed: (name, found) => void named.push({ name, query: found }),
    onInner: (found) => addInner(inner, found, context),
  };
  const { score } = compile(query, scope);
  const sort = body["sort"] === undefined ? byRelevance : compileSort(body["sort"], scope, compile);
  const hasScore = !sort.isExplicit || body["track_scores"] === true;
  const { highlight: asked } = body;
  const highlight = isObject(asked)
    ? compileHighlight(
        { ...body, query },
        asked,
        { ...scope, onNamed: undefined, onInner: undefined },
        compile,
      )
    : undefined;
  const toHit = compileHit(body, { sort, hasScore, named, highlight, inner }, scope);
  context.onInner({
    name: textOf(body["name"] ?? path),
    read(document) {
      const top = new TopCandidates(from + size, sort);
      let count = 0;
      let best = NO_MATCH;
      const objects =
        members?.(document) ??
        nestedDocuments(context.mappings, document, path, context.nestedPath);
      for (const object of objects) {
        const found = score(object);
        if (found === NO_MATCH) continue;
        top.offer(object, found, count++);
        best = Math.max(best, found);
      }
      const hits = top.sorted().slice(from).map(toHit);
      return {
        hits: {
          total: context.totalAsNumber === true ? count : { value: count, relation: "eq" },
          max_score: hasScore && count > 0 ? floatJson(best) : null,
          hits,
        },
      };
    },
  });
}

function checkMembers(body: JsonObject): void {
  checkKnown("inner_hits", body, members);
  const { sort } = body;
  if (sort !== undefined && typeof sort !== "object") {
    const reason = `[inner_hits] sort doesn't support values of type: ${tokenOf(sort)}`;
    throw xContentParseException(reason).at(body, "sort");
  }
  const { stored_fields: stored } = body;
  if (Array.isArray(stored) && stored.length > 1 && stored.includes("_none_"))
    throw xContentParseException("[inner_hits] failed to parse field [stored_fields]").around(
      illegalArgument("cannot combine _none_ with other fields").standingAt(
        stored,
        undefined,
        "end",
      ),
    );
  for (const key of ["explain", "script_fields", "collapse"]) {
    if (body[key] !== undefined && body[key] !== false)
      throw notSupported(`[${key}] in [inner_hits]`);
  }
}

function checkWindow(body: JsonObject, wanted: number, { index, limits }: SearchContext): void {
  const most = limits.maxInnerResultWindow;
  if (wanted <= most) return;
  const name = body["name"] === undefined ? "null" : textOf(body["name"]);
  const reason = `Inner result window is too large, the inner hit definition's [${name}]'s from + size must be less than or equal to: [${most}] but was [${wanted}]. This limit can be set by changing the [index.max_inner_result_window] index level setting.`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

function refuseSequenceNumbers({ index }: SearchContext): never {
  const reason = "nested documents are not assigned sequence numbers";
  const cause = { type: "unsupported_operation_exception", reason };
  const { type, reason: text, extra } = shardFailure(index, cause.type, reason);
  throw new EsError(500, type, text, { ...extra, caused_by: { ...cause, caused_by: cause } });
}
