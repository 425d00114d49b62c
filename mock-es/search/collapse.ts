/** `collapse`: of the hits that share a value, only the best is shown. */
import {
  EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleJson } from "../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { createDocValues } from "./fields/doc-values.ts";
import type { SearchContext, SearchDocument } from "./fields/document.ts";
import { resolveField } from "./fields/field.ts";
import { placeIn } from "./fields/nested-documents.ts";
import { showFieldValue } from "./fields/show-value.ts";
import type { IndexedValue } from "./fields/value.ts";
import { shardFailure } from "./problem.ts";
import { checkKnown } from "./known-members.ts";
import { refuseNegativeZero } from "./fields/zeros.ts";

const members = ["field", "inner_hits", "max_concurrent_group_searches"];

/** How the hits of a shard are grouped. */
export interface Collapse {
  readonly field: string;
  /** The group of a document; `undefined` for those without a value, which are one. */
  read(document: SearchDocument): IndexedValue | undefined;
  /** The value as the hit shows it. */
  show(value: IndexedValue): unknown;
}

/**
 * Compiles `collapse` for a shard.
 *
 * @throws {EsError} 400 in the server's words
 */
export function compileCollapse(given: unknown, context: SearchContext): Collapse {
  const body = isObject(given) ? given : {};
  checkKnown("collapse", body, members);
  checkKinds(body);
  checkInnerCollapse(body["inner_hits"]);
  const refuse = (reason: string): Error =>
    shardFailure(context.index, "illegal_argument_exception", reason);
  if (body["field"] !== undefined && typeof body["field"] !== "string") {
    const reason = `[collapse] field doesn't support values of type: ${tokenOf(body["field"])}`;
    throw xContentParseException(reason).at(body, "field");
  }
  if (body["field"] === "") throw notSupported("an empty [field] in [collapse]");
  if (body["field"] === undefined) throw refuse("no collapse field specified");
  const name = textOf(body["field"]);
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested")
    throw refuse(`no mapping found for \`${name}\` in order to collapse on`);
  const isKeyword =
    field.kind === "keyword" && !["flattened", "_id", "_index"].includes(field.type);
  const isPossible =
    !field.isRuntime && (isKeyword || field.kind === "long" || field.kind === "double");
  if (!isPossible)
    throw refuse(
      `collapse is not supported for the field [${field.name}] of the type [${field.type}]`,
    );
  if (!field.hasDocValues)
    throw refuse(`cannot collapse on field \`${field.name}\` without \`doc_values\``);
  if (!field.isIndexed && body["inner_hits"] !== undefined)
    throw refuse(
      `cannot expand \`inner_hits\` for collapse field \`${name}\`, only indexed field can retrieve \`inner_hits\``,
    );
  const read = createDocValues(field, context);
  return {
    field: name,
    read(document) {
      const values = read(document);
      refuseNegativeZero(values);
      if (values.length < 2) return values[0];
      const place = placeIn(context.corpus ?? [], context.mappings, document);
      throw refuse(`failed to extract doc:${place}, the grouping field must be single valued`);
    },
    show: (value) =>
      field.kind === "double" ? doubleJson(Number(value)) : showFieldValue(field, value),
  };
}

/** Checks what members may be. @throws {EsError} 400 in the server's words */
function checkKinds(body: JsonObject): void {
  const { inner_hits: innerHits, max_concurrent_group_searches: most } = body;
  if (innerHits !== undefined && !isObject(innerHits) && !Array.isArray(innerHits))
    throw unfit("collapse", "inner_hits", innerHits).at(body, "inner_hits");
  const list: readonly unknown[] = Array.isArray(innerHits) ? innerHits : [innerHits];
  const stray = Array.isArray(innerHits) ? list.findIndex((entry) => !isObject(entry)) : -1;
  if (stray >= 0)
    throw unread("inner_hits").around(
      parsingException("Invalid token in inner_hits array").at(list, String(stray)),
    );
  for (const entry of list) {
    if (!isObject(entry)) continue;
    const { sort } = entry;
    if (sort !== undefined && (sort === null || typeof sort !== "object"))
      throw unread("inner_hits").around(unfit("inner_hits", "sort", sort).at(entry, "sort"));
    if (entry["name"] === undefined || typeof entry["name"] === "string") continue;
    throw unread("inner_hits").around(unfit("inner_hits", "name", entry["name"]).at(entry, "name"));
  }
  if (most !== undefined) checkMost(body, most);
}

function checkMost(body: JsonObject, most: unknown): void {
  const key = "max_concurrent_group_searches";
  if (typeof most !== "number" && typeof most !== "string" && !isRawNumber(most))
    throw unfit("collapse", key, most).at(body, key);
  const text = textOf(most);
  const isNumber = /^[+-]?\d{1,10}(?:\.\d*)?$/.test(text);
  if (isNumber && Number(text) >= 1) return;
  const reason = text === "" ? "empty String" : `For input string: "${text}"`;
  const cause = isNumber
    ? illegalArgument("maxConcurrentGroupRequests` must be positive")
    : new EsError(400, "number_format_exception", reason);
  throw unread(key).around(cause.standingAt(body, key));
}

function unfit(parser: string, key: string, value: unknown): EsError {
  return xContentParseException(
    `[${parser}] ${key} doesn't support values of type: ${tokenOf(value)}`,
  );
}

function unread(key: string): EsError {
  return xContentParseException(`[collapse] failed to parse field [${key}]`);
}

/** What collapses within a group names its field and nothing else. */
function checkInnerCollapse(innerHits: unknown): void {
  for (const entry of Array.isArray(innerHits) ? (innerHits as readonly unknown[]) : [innerHits]) {
    if (!isObject(entry)) continue;
    const inner = entry["collapse"];
    if (entry["name"] === undefined) throw nameless(entry);
    if (inner === undefined) continue;
    const isField = isObject(inner) && typeof inner["field"] === "string";
    if (isField && Object.keys(inner).length === 1) continue;
    const token = parsingException("Invalid token in the inner collapse").toCause();
    const own = xContentParseException("[inner_hits] failed to parse field [collapse]", {
      caused_by: token,
    });
    throw xContentParseException("[collapse] failed to parse field [inner_hits]", {
      root_cause: [{ type: own.type, reason: own.reason }],
      caused_by: own.toCause(),
    }).at(entry, "collapse");
  }
}

/** The refusal of inner hits without a name; the parser stands at their end. */
function nameless(entry: JsonObject): Error {
  const reason = "inner_hits must have a [name]; set the [name] field in the inner_hits definition";
  return xContentParseException("[collapse] failed to parse field [inner_hits]", {
    caused_by: { type: "illegal_argument_exception", reason },
  }).at(entry, undefined, "end");
}

/** A search for the hits of one group. */
export interface GroupSearch {
  readonly name: string;
  readonly body: JsonObject;
}

/** The searches that `inner_hits` of a collapse asks for, for one group. */
export function groupSearches(body: JsonObject, value: unknown): readonly GroupSearch[] {
  const collapse = body["collapse"];
  if (!isObject(collapse)) return [];
  const given = collapse["inner_hits"];
  if (given === undefined) return [];
  const field = textOf(collapse["field"]);
  const filter =
    value === undefined
      ? { bool: { must_not: [{ exists: { field } }] } }
      : { term: { [field]: value } };
  const { query, post_filter: filtered, runtime_mappings: runtime } = body;
  const kept = {
    ...(filtered === undefined ? {} : { post_filter: filtered }),
    ...(runtime === undefined ? {} : { runtime_mappings: runtime }),
  };
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  return list.flatMap((entry) => {
    if (!isObject(entry)) return [];
    // The server passes "_none_" over, and shows what it shows without stored fields.
    const { name, ignore_unmapped: _ignore, stored_fields: stored, ...others } = entry;
    const isPassedOver = stored === undefined || [stored].flat().includes("_none_");
    const rest = isPassedOver ? others : { ...others, stored_fields: stored };
    const bool = { filter: [filter], ...(query === undefined ? {} : { must: [query] }) };
    return [
      {
        name: textOf(name ?? field),
        body: { size: 3, ...rest, ...kept, query: { bool } },
      },
    ];
  });
}
