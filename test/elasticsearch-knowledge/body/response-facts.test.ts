import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import type { ResponseFacts } from "../../../src/elasticsearch/body/response/response-facts.ts";
import { responseFacts } from "../../../src/elasticsearch/body/response/response-reader.ts";
import { WatchRules } from "../../../src/elasticsearch/body/watch/watch-rules.ts";
import {
  bulkAnswer,
  getAnswer,
  multiGetAnswer,
  multiSearchAnswer,
  searchAnswer,
  written,
} from "./answer-arbitraries.ts";
import { cut, mutated, pieceSizes, runs } from "./arbitraries.ts";
import { digest, factsOfWhole, sorted, type AnswerKind } from "./oracle-answer.ts";
import type { WatchedRule } from "./oracle-documents.ts";
import { parseWhole } from "./reference-json.ts";

const kinds: Readonly<
  Record<AnswerKind, { call: [string, string]; answer: fc.Arbitrary<object> }>
> = {
  search: { call: ["POST", "/patients-*/_search"], answer: searchAnswer },
  msearch: { call: ["POST", "/_msearch"], answer: multiSearchAnswer },
  bulk: { call: ["POST", "/_bulk"], answer: bulkAnswer },
  get: { call: ["GET", "/patients-1/_doc/1"], answer: getAnswer },
  mget: { call: ["POST", "/_mget"], answer: multiGetAnswer },
};

const watch = new WatchRules(
  [
    { indices: "patients-*,*:patients-*", fields: ["name", "diagnosis.*", "*sn"] },
    { indices: "logs-*", fields: ["a"] },
  ],
  0,
);
/** The same rules, said in another way. */
const watchedRules: readonly WatchedRule[] = [
  {
    covers: (index) => /^(?:[^:]*:)?patients-/.test(index),
    matches: (field) => /^(?:name(?:\..*)?|diagnosis\..*|.*sn(?:\..*)?)$/s.test(field),
  },
  {
    covers: (index) => /^(?:\.ds-)?logs-/.test(index),
    matches: (field) => /^a(?:\..*)?$/s.test(field),
  },
];

function factsOf(
  kind: AnswerKind,
  body: Buffer,
  sizes: readonly number[],
  isWatched: boolean,
): ResponseFacts {
  const [method, target] = kinds[kind].call;
  const head = { status: 200, contentType: "application/json" };
  const options = { digest, watch: isWatched ? watch : undefined };
  const reader = responseFacts(matchApiEndpoint(method, target), head, options);
  for (const { piece, start, end } of cut(body, sizes)) {
    reader.write(piece, start, end);
    piece.fill(0);
  }
  return reader.finish();
}

function comparable(facts: ResponseFacts): unknown {
  const { body: _body, isPartial, isRunning, byQuery, task, rows, ...others } = facts;
  const { moreErrors, moreWatched, ...rest } = others;
  assert.deepEqual({ isPartial, isRunning, byQuery, task, rows, moreErrors, moreWatched }, none);
  return {
    ...rest,
    documents: { ...facts.documents, byIndex: sorted(facts.documents.byIndex) },
    errors: sorted(facts.errors),
    values: sorted(facts.values),
    watched: sorted(facts.watched),
    cursors: sorted(facts.cursors),
    items: facts.items && { ...facts.items, groups: sorted(facts.items.groups) },
  };
}

const none = {
  isPartial: undefined,
  isRunning: undefined,
  byQuery: undefined,
  task: undefined,
  rows: undefined,
  moreErrors: 0,
  moreWatched: 0,
};

function assertAsWhole(
  kind: AnswerKind,
  body: Buffer,
  sizes: readonly number[],
  isWatched: boolean,
): void {
  const facts = factsOf(kind, body, sizes, isWatched);
  const { root, fault, faultAt, hasMore } = parseWhole(body);
  const expected = factsOfWhole(root, kind, isWatched ? watchedRules : []);
  assert.deepEqual(comparable(facts), expected);
  if (fault !== undefined)
    assert.deepEqual(facts.body, {
      state: "partial",
      reason: fault,
      at: faultAt,
      bytes: body.length,
    });
  else if (hasMore) assert.equal(facts.body.reason, "trailing");
  else assert.equal(facts.body.state, root === undefined ? "empty" : "whole");
}

for (const [name, { answer }] of Object.entries(kinds)) {
  const kind = name as AnswerKind;
  const body = written(answer);

  test(`${kind}: the same facts as from a parser of the whole answer`, () => {
    const property = fc.property(body, pieceSizes, fc.boolean(), (bytes, sizes, isWatched) =>
      assertAsWhole(kind, bytes, sizes, isWatched),
    );
    fc.assert(property, { numRuns: runs(600) });
  });

  test(`${kind}: the same facts up to a fault`, () => {
    const property = fc.property(
      mutated(body),
      pieceSizes,
      fc.boolean(),
      (bytes, sizes, isWatched) => assertAsWhole(kind, bytes, sizes, isWatched),
    );
    fc.assert(property, { numRuns: runs(600) });
  });
}
