import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { RecordedExchange } from "./exchange-recorder.ts";

/**
 * How many bodies were equal byte by byte, and how many only after values that must differ were
 * replaced.
 */
export interface ComparisonCounts {
  identical: number;
  normalised: number;
}

/**
 * Asserts that the same requests got the same answers: status, header fields and bodies.
 *
 * Two runs of the same requests are two sets of calls, so `took`, scroll ids and uuids of indices
 * differ even without a proxy; those are replaced, and such bodies are counted apart.
 */
export function assertSameAnswers(
  direct: readonly RecordedExchange[],
  proxied: readonly RecordedExchange[],
): ComparisonCounts {
  const counts: ComparisonCounts = { identical: 0, normalised: 0 };
  assert.deepEqual(
    proxied.map(nameOf),
    direct.map(nameOf),
    "other requests were sent through the proxy",
  );
  for (const [at, expected] of direct.entries()) {
    const actual = proxied[at];
    assert.ok(actual !== undefined);
    const name = nameOf(expected);
    assert.equal(actual.status, expected.status, `status of ${name}`);
    const isIdentical = actual.body.equals(expected.body);
    assert.deepEqual(
      comparableHeaders(actual, isIdentical),
      comparableHeaders(expected, isIdentical),
      `header of ${name}`,
    );
    if (isIdentical) {
      counts.identical += 1;
    } else {
      assert.equal(normaliseBody(actual), normaliseBody(expected), `body of ${name}`);
      counts.normalised += 1;
    }
  }
  return counts;
}

function nameOf(exchange: RecordedExchange): string {
  return `${exchange.method} ${exchange.target}`;
}

/**
 * Hop-by-hop fields belong to one connection, not to the answer. A length may only differ with the
 * body.
 */
function comparableHeaders(
  exchange: RecordedExchange,
  isIdentical: boolean,
): Record<string, string> {
  const ignored = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);
  if (!isIdentical) ignored.add("content-length");
  return Object.fromEntries(
    Object.entries(exchange.headers).filter(([name]) => !ignored.has(name)),
  );
}

function normaliseBody(exchange: RecordedExchange): string {
  const isCompressed = exchange.headers["content-encoding"] === "gzip";
  const text = (isCompressed ? gunzipSync(exchange.body) : exchange.body).toString("utf8");
  return text
    .replaceAll(/"took":\d+/g, '"took":0')
    .replaceAll(/"_scroll_id":"[^"]+"/g, '"_scroll_id":"<id>"')
    .replaceAll(/"index_uuid":"[\w-]{22}"/g, '"index_uuid":"<uuid>"');
}
