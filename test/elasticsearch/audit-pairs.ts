import assert from "node:assert/strict";
import { fieldAt, readAudit } from "../support/audit-reader.ts";

/** A request that was sent through the proxy. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
}

/**
 * Asserts that an audit directory in `ecs` format holds exactly one request record and one response
 * record, with one id, for each request that was sent, and nothing else. Call it after the proxy
 * has ended.
 */
export async function assertAuditPairs(
  directory: string,
  sent: readonly SentRequest[],
): Promise<void> {
  const pairs = new Map<string, Map<string, string>>();
  for (const { record, file, line } of await readAudit(directory)) {
    const id = fieldAt(record, "event.id");
    const kind = fieldAt(record, "es_proxy.record");
    assert.ok(typeof id === "string" && typeof kind === "string", `${file}:${line}: no id or kind`);
    if (kind !== "request" && kind !== "response") continue;
    const halves = pairs.get(id) ?? new Map<string, string>();
    assert.ok(!halves.has(kind), `${file}:${line}: a second ${kind} record of ${id}`);
    halves.set(
      kind,
      `${String(fieldAt(record, "http.request.method"))} ${String(fieldAt(record, "url.original"))}`,
    );
    pairs.set(id, halves);
  }
  for (const [id, halves] of pairs)
    assert.equal(halves.size, 2, `${id} has only: ${[...halves.keys()].join()}`);
  const recorded = [...pairs.values()]
    .map((halves) => halves.get("request") ?? "")
    .toSorted(byText);
  const expected = sent.map(({ method, target }) => `${method} ${target}`).toSorted(byText);
  assert.deepEqual(
    recorded,
    expected,
    "the audit does not hold exactly the requests that were sent",
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
