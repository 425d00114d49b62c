import assert from "node:assert/strict";
import { test } from "node:test";

import type { UsedDocuments } from "../../../src/audit/examine/document-uses.ts";
import { FactsDeriver } from "../../../src/audit/facts/exchange-facts.ts";
import type { DerivedFacts } from "../../../src/audit/facts/known-exchanges.ts";
import type { RecordedExchange } from "../../../src/audit/facts/recorded-exchange.ts";
import type { RecordedBody } from "../../../src/audit/read/recorded-body.ts";

const day = 86_400_000;

function body(content: string): RecordedBody {
  return {
    state: "inline",
    bytes: content.length,
    mediaType: "application/json",
    coding: undefined,
    redaction: undefined,
    isComplete: true,
    content: Buffer.from(content),
    pointer: undefined,
  };
}

function exchange(changes: Partial<RecordedExchange>): RecordedExchange {
  return {
    id: "01936f3e-1111-7000-8000-000000000001",
    method: "POST",
    target: "/_bulk",
    startedMs: 0,
    durationMs: 5,
    status: 200,
    user: "alice",
    hasOpening: true,
    request: body('{"index":{"_index":"a","_id":"1"}}\n{"x":1}\n'),
    response: body('{"errors":false,"items":[{"index":{"_index":"a","_id":"1","status":201}}]}'),
    recorded: undefined,
    ...changes,
  };
}

/** What one deriver finds of the same exchange three times, and another one of the last. */
function thrice(changes: Partial<RecordedExchange>): [DerivedFacts, UsedDocuments[]][] {
  const deriver = new FactsDeriver("", Buffer.alloc(32), []);
  const found: [DerivedFacts, UsedDocuments[]][] = [];
  for (const startedMs of [0, day, 2 * day]) {
    const parts: UsedDocuments[] = [];
    const facts = deriver.deriveNow(exchange({ startedMs, ...changes }), (part) =>
      parts.push(part),
    );
    found.push([facts, parts]);
  }
  const parts: UsedDocuments[] = [];
  const fresh = new FactsDeriver("", Buffer.alloc(32), []);
  const last = exchange({ startedMs: 2 * day, ...changes });
  found.push([fresh.deriveNow(last, (part) => parts.push(part)), parts]);
  return found;
}

test("an exchange that comes again has the facts of its bytes, and times of its own", () => {
  for (const changes of [
    {},
    {
      target: "/a/_search?scroll=1m",
      request: body('{"query":{"match_all":{}}}'),
      response: body('{"_scroll_id":"s","hits":{"hits":[{"_index":"a","_id":"1"}]}}'),
    },
  ]) {
    const [, second, third, fresh] = thrice(changes);
    assert.equal(third?.[0].text, second?.[0].text);
    assert.deepEqual(third?.[1], fresh?.[1]);
    assert.equal(third?.[0].text, fresh?.[0].text);
    const { ids: _own, ...page } = third?.[0].page ?? { ids: undefined };
    const { ids: _other, ...expected } = fresh?.[0].page ?? { ids: undefined };
    assert.deepEqual(page, expected);
  }
});

test("an index whose name holds a date is another one every day", () => {
  const request = body('{"index":{"_index":"<logs-{now/d}>","_id":"1"}}\n{"x":1}\n');
  const texts = thrice({ request }).map(([{ text }]) => /logs-1970\.01\.\d\d/.exec(text)?.[0]);
  assert.deepEqual(texts, [
    "logs-1970.01.01",
    "logs-1970.01.02",
    "logs-1970.01.03",
    "logs-1970.01.03",
  ]);
});
