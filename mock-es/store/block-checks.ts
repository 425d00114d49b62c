/** Refuses what blocks of an index or of the cluster forbid. */
import { EsError } from "../es-error.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { type BlockLevel, clusterBlocks, type IndexBlock } from "./index-blocks.ts";
import type { IndexState } from "./index-state.ts";

/** The settings of a cluster. */
export interface ClusterSettings {
  /** False when none of them puts a block. */
  readonly hasBlocks: boolean;
  setting(name: string): unknown;
}

/**
 * Refuses an operation on indices of which one forbids it.
 *
 * @throws {EsError} 403 or 429 `cluster_block_exception`
 */
export function checkBlocks(indices: Iterable<IndexState>, level: BlockLevel): void {
  const reasons = new Map<string, string>();
  let status = 0;
  for (const { name, settings } of indices) {
    const blocks = settings.blocks.filter((block) => block.levels.includes(level));
    if (blocks.length === 0) continue;
    status = Math.max(status, ...blocks.map((block) => block.status));
    reasons.set(name, `index [${name}] blocked by: ${blocks.map(shown).join("")}`);
  }
  if (reasons.size === 0) return;
  const reason = inHashOrder([...reasons.keys()]).map((name) => reasons.get(name));
  throw new EsError(status, "cluster_block_exception", reason.join(""));
}

/**
 * Refuses an operation that the whole cluster forbids.
 *
 * @param index name that the refusal shows; `undefined` for none
 * @throws {EsError} 403 `cluster_block_exception`
 */
export function checkClusterBlocks(
  cluster: ClusterSettings,
  level: BlockLevel,
  index?: string,
): void {
  if (!cluster.hasBlocks) return;
  const blocks = clusterBlocks.filter(
    ({ name, levels }) => cluster.setting(name) === "true" && levels.includes(level),
  );
  if (blocks.length === 0) return;
  const place = index === undefined ? "" : `index [${index}] `;
  const reason = `${place}blocked by: ${blocks.map(shown).join("")}`;
  throw new EsError(403, "cluster_block_exception", reason);
}

function shown({ status, id, description }: IndexBlock): string {
  return `[${status === 429 ? "TOO_MANY_REQUESTS" : "FORBIDDEN"}/${id}/${description}];`;
}
