/** The reads of a whole fleet that took several calls, out of the facts in its data stream. */
import { Buffer } from "node:buffer";

import { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";
import { ReadJoiner } from "../../elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { jsonAscii } from "../format/json-text.ts";
import { readPageLine } from "../facts/facts-line.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { readStream, type StreamReadOptions } from "./stream-reader.ts";

/** Calls are joined in the order in which they ended, as far as that can be known. */
const patienceMs = 3_600_000;

/**
 * Joins the calls. Distinct documents are counted as far as the facts name them, the first hundred
 * of a call.
 *
 * @param onOperation takes each operation when its last call has been read
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function readStreamOperations(
  client: ClusterClient,
  options: StreamReadOptions,
  onOperation: (operation: ReadOperation) => void,
): Promise<void> {
  const joiner = new ReadJoiner({
    assigned: () => undefined,
    merged: () => undefined,
    ended: onOperation,
  });
  let waiting: ReadPage[] = [];
  const pass = (untilMs: number): void => {
    waiting.sort((one, other) => one.endedMs - other.endedMs);
    const count = waiting.findIndex(({ endedMs }) => endedMs > untilMs);
    for (const page of waiting.splice(0, count < 0 ? waiting.length : count)) joiner.add(page);
  };
  for await (const entries of readStream(client, options)) {
    let newestMs = -Infinity;
    for (const entry of entries) {
      newestMs = Math.max(newestMs, entry.startMs);
      if (entry.facts === undefined) continue;
      const line = jsonAscii({ event: { id: entry.id }, ...entry.facts });
      const page = readPageLine(Buffer.from(line, "latin1"), sketchOf(entry.facts));
      if (page !== undefined) waiting.push(page);
      entry.release();
    }
    pass(newestMs - patienceMs);
  }
  pass(Infinity);
  joiner.finish();
}

function sketchOf(facts: Readonly<Record<string, unknown>>): DistinctSketch | undefined {
  const { facts: own } = facts["es_proxy"] as { facts?: { ids_returned?: unknown } };
  const ids = own?.ids_returned;
  if (!Array.isArray(ids)) return undefined;
  const sketch = new DistinctSketch();
  for (const id of ids) sketch.add("", String(id));
  return sketch;
}
