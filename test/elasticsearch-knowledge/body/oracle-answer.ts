import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import { DocumentOracle, type WatchedRule } from "./oracle-documents.ts";
import {
  Counts,
  isLiteral,
  members,
  numberIn,
  objects,
  scalars,
  textOf,
  values,
} from "./oracle-tree.ts";
import type { Node } from "./reference-json.ts";

/** Oracle: the facts of search, bulk and get answers, read from a whole tree. */

export const digest = new CursorDigest(Buffer.alloc(32, 7));

const actions = ["index", "create", "update", "delete", "unknown"];
const results = ["created", "updated", "deleted", "not_found", "noop"];

export interface OracleFacts {
  [name: string]: unknown;
}

export type AnswerKind = "search" | "msearch" | "bulk" | "get" | "mget";

/** As `ResponseFacts`, without what says how much was read. */
export function factsOfWhole(
  root: Node | undefined,
  kind: AnswerKind,
  rules: readonly WatchedRule[],
): OracleFacts {
  const documents = new DocumentOracle(rules);
  const errors = new Counts<{ where: string; type: string }>();
  const searches =
    kind === "msearch" ? [...members(root, "responses")].flatMap((node) => [...objects(node)]) : [];
  let failedSearches = 0;
  if (kind === "search") search(root, documents);
  if (kind === "get") documents.single(root);
  if (kind === "mget") for (const docs of members(root, "docs")) documents.hits(docs);
  for (const one of searches) {
    search(one, documents);
    if (errorTypes(one, "search", errors) > 0) failedSearches += 1;
  }
  errorTypes(root, "request", errors);
  const answers = kind === "msearch" ? [root, ...searches] : [root];
  if (kind !== "get") for (const answer of answers) shardErrors(answer, errors);
  const items = kind === "bulk" ? itemsOf(root, errors, documents) : undefined;
  return {
    ...summary(answers, kind),
    searches:
      searches.length === 0 ? undefined : { count: searches.length, failed: failedSearches },
    documents: {
      count: documents.count,
      withoutId: documents.withoutId,
      first: documents.first,
      withContent: documents.withContent,
      missing: documents.missing,
      byIndex: sorted(documents.byIndex.list),
      moreIndices: documents.moreIndices,
    },
    items,
    errors: sorted([...errors.list, ...documents.errors.list]),
    values: sorted(documents.values.list),
    moreValues: documents.moreValues,
    watched: sorted(
      documents.watched.list.map(({ count, ...fact }) => ({ ...fact, documents: count })),
    ),
  };
}

/** In an order of their own, because different readers meet them in different ones. */
export function sorted<Value>(list: readonly Value[]): Value[] {
  return list.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

function search(root: Node | undefined, documents: DocumentOracle): void {
  for (const object of objects(root))
    for (const { name, value } of object.members) {
      if (name === "hits") for (const list of members(value, "hits")) documents.hits(list);
      if (name === "aggregations") documents.aggregations(value);
      if (name === "suggest") documents.suggest(value);
    }
}

function errorTypes(
  root: Node | undefined,
  where: string,
  errors: Counts<{ where: string; type: string }>,
): number {
  let count = 0;
  for (const error of members(root, "error")) {
    for (const text of scalars(error)) {
      errors.add({ where, type: textOf(text) });
      count += 1;
    }
    for (const type of values(error, "type")) {
      errors.add({ where, type: textOf(type) });
      count += 1;
    }
    for (const cause of members(error, "root_cause")) typesIn(cause, "root_cause", errors);
    for (const reason of members(error, "failed_shards", "reason"))
      reasonIn(reason, "shard", errors);
  }
  return count;
}

function typesIn(node: Node, where: string, errors: Counts<{ where: string; type: string }>): void {
  for (const type of values(node, "type")) errors.add({ where, type: textOf(type) });
}

function reasonIn(
  node: Node,
  where: string,
  errors: Counts<{ where: string; type: string }>,
): void {
  typesIn(node, where, errors);
}

function shardErrors(
  root: Node | undefined,
  errors: Counts<{ where: string; type: string }>,
): void {
  for (const reason of members(root, "_shards", "failures", "reason")) {
    for (const text of scalars(reason)) errors.add({ where: "shard", type: textOf(text) });
    typesIn(reason, "shard", errors);
    for (const cause of members(reason, "root_cause")) typesIn(cause, "root_cause", errors);
    for (const inner of members(reason, "failed_shards", "reason")) typesIn(inner, "shard", errors);
  }
}

function summary(answers: readonly (Node | undefined)[], kind: AnswerKind): OracleFacts {
  const isSearch = kind === "search" || kind === "msearch";
  const all = function* (...path: string[]): Generator<Node & { text: string }> {
    for (const answer of answers) yield* values(answer, ...path);
  };
  const first = (...path: string[]): number | undefined =>
    [...all(...path)].map(numberIn).find((number) => number !== undefined);
  const hasTook = kind !== "get";
  const searching = kind === "msearch" ? answers.slice(1) : answers;
  const totals = searching.flatMap((answer) => {
    const found: (number | undefined)[] = [];
    for (const total of members(answer, "hits", "total")) {
      for (const item of total.kind === "array" ? total.elements : [total]) {
        if (item.kind === "object") found.push(...[...values(item, "value")].map(numberIn));
        else if (item.kind !== "array") found.push(numberIn(item));
      }
    }
    return found;
  });
  const relations = searching.flatMap((answer) =>
    [...values(answer, "hits", "total", "relation")].map(textOf),
  );
  const total = isSearch ? totals.find((number) => number !== undefined) : undefined;
  const hasShards =
    hasTook &&
    [
      ...all("_shards", "total"),
      ...all("_shards", "successful"),
      ...all("_shards", "skipped"),
      ...all("_shards", "failed"),
    ].length > 0;
  const sum = (name: string): number =>
    [...all("_shards", name)].reduce((count, node) => count + (numberIn(node) ?? 0), 0);
  const cursors = isSearch
    ? [
        ...[...all("_scroll_id")].map((node) => ({ kind: "scroll", node })),
        ...[...all("pit_id")].map((node) => ({ kind: "point_in_time", node })),
      ]
        .filter(({ node }) => node.kind === "string")
        .map(({ kind: name, node }) => ({ kind: name, digest: digest.of(textOf(node)) }))
    : [];
  return {
    took: hasTook ? first("took") : undefined,
    timedOut: hasTook && [...all("timed_out")].some((node) => isLiteral(node, "true")),
    shards: hasShards
      ? {
          total: sum("total"),
          successful: sum("successful"),
          skipped: sum("skipped"),
          failed: sum("failed"),
        }
      : undefined,
    hits: total === undefined ? undefined : { total, relation: relations[0] },
    cursors: sorted(cursors),
  };
}

/** Content that an item has of its document. @returns how often */
function watchItem(
  item: Node & { kind: "object" },
  index: string | undefined,
  oracle: DocumentOracle,
): number {
  const fields = new Map<string, boolean>();
  let [count, known] = [0, undefined as string | undefined];
  for (const { name, value } of item.members) {
    if (name === "_index")
      for (const text of scalars(value)) if (text.kind === "string") known = textOf(text);
    if (name !== "get") continue;
    for (const get of objects(value))
      for (const member of get.members) {
        if (!["_source", "fields"].includes(member.name)) continue;
        if (!["object", "array"].includes(member.value.kind)) continue;
        count += 1;
        oracle.fieldsOf(member.value, known, fields);
      }
  }
  oracle.watch(index, fields.keys());
  return count;
}

interface Listed {
  count: number;
  withoutId: number;
  first: { index: string | undefined; id: string | undefined }[];
}

function itemsOf(
  root: Node | undefined,
  errors: Counts<{ where: string; type: string }>,
  oracle: DocumentOracle,
): OracleFacts | undefined {
  const groups = new Counts<{
    index: string | undefined;
    action: string;
    status: number;
    result: string | undefined;
  }>();
  const listed = (): Listed => ({ count: 0, withoutId: 0, first: [] });
  const [done, failures] = [listed(), listed()];
  let [count, failed, withContent] = [0, 0, 0];
  const flags = [...values(root, "errors")];
  for (const list of members(root, "items"))
    for (const item of objects(list))
      for (const { name, value } of item.members) {
        if (!actions.includes(name)) continue;
        for (const object of objects(value)) {
          count += 1;
          const last = (...path: string[]): (Node & { text: string }) | undefined =>
            [...values(object, ...path)].at(-1);
          const index = [...values(object, "_index")].findLast((node) => node.kind === "string");
          const id = [...values(object, "_id")].findLast((node) => !isLiteral(node, "null"));
          const statusNode = last("status");
          const status = statusNode === undefined ? 200 : (numberIn(statusNode) ?? 0);
          const result = last("result");
          const word = result === undefined ? undefined : result.text;
          if (status >= 400) failed += 1;
          const isTold =
            statusNode !== undefined ||
            (result !== undefined && result.text !== "" && results.includes(result.text));
          const list = status < 400 && isTold ? done : failures;
          list.count += 1;
          if (id === undefined) list.withoutId += 1;
          else if (list.first.length < 100)
            list.first.push({ index: index && textOf(index), id: textOf(id) });
          for (const type of values(object, "error", "type"))
            errors.add({ where: "item", type: textOf(type) });
          withContent += watchItem(object, index && textOf(index), oracle);
          groups.add({
            index: index && textOf(index),
            action: name,
            status: status >= 0 && status < 1000 ? Math.trunc(status) : 0,
            result: word !== undefined && results.includes(word) ? word : undefined,
          });
        }
      }
  if (count === 0 && flags.length === 0) return undefined;
  const flag = flags.at(-1);
  if (flag !== undefined && !isLiteral(flag, "true") && failed === 0) {
    done.count += failures.count;
    done.withoutId += failures.withoutId;
    done.first = [...done.first, ...failures.first].slice(0, 100);
    Object.assign(failures, listed());
  }
  return {
    count,
    failed,
    errors: flag === undefined ? undefined : isLiteral(flag, "true"),
    withContent,
    groups: sorted(groups.list),
    more: 0,
    documents: done,
    failedDocuments: failures,
  };
}
