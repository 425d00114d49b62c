/** Settings that forbid to read or change an index. */
import { EsError } from "../es-error.ts";
import type { Cluster } from "./cluster.ts";
import type { IndexState } from "./index-state.ts";

/** What an operation does. */
export type BlockLevel = "read" | "write" | "metadata_read" | "metadata_write";

/** A block that a setting puts on an index. */
export interface IndexBlock {
  readonly id: number;
  /** Name of the setting behind `index.blocks.`. */
  readonly name: string;
  readonly description: string;
  readonly status: number;
  readonly levels: readonly BlockLevel[];
}

const fullDisk =
  "disk usage exceeded flood-stage watermark, index has read-only-allow-delete block; for more information, see https://www.elastic.co/docs/troubleshoot/elasticsearch/fix-watermark-errors?version=9.5";

/** All blocks. */
export const indexBlocks: readonly IndexBlock[] = [
  {
    id: 5,
    name: "read_only",
    description: "index read-only (api)",
    status: 403,
    levels: ["write", "metadata_write"],
  },
  { id: 12, name: "read_only_allow_delete", description: fullDisk, status: 429, levels: ["write"] },
  { id: 7, name: "read", description: "index read (api)", status: 403, levels: ["read"] },
  { id: 8, name: "write", description: "index write (api)", status: 403, levels: ["write"] },
  {
    id: 9,
    name: "metadata",
    description: "index metadata (api)",
    status: 403,
    levels: ["metadata_write", "metadata_read"],
  },
];

/** Blocks of the whole cluster, by the settings that put them. */
const clusterBlocks: readonly IndexBlock[] = [
  {
    id: 6,
    name: "cluster.blocks.read_only",
    description: "cluster read-only (api)",
    status: 403,
    levels: ["write", "metadata_write"],
  },
  {
    id: 13,
    name: "cluster.blocks.read_only_allow_delete",
    description: "cluster read-only / allow delete (api)",
    status: 403,
    levels: ["write", "metadata_write"],
  },
];

/**
 * Refuses an operation on indices of which one forbids it.
 *
 * @throws {EsError} 403 or 429 `cluster_block_exception`
 */
export function checkBlocks(indices: Iterable<IndexState>, level: BlockLevel): void {
  let reason = "";
  let status = 0;
  for (const { name, settings } of indices) {
    const blocks = settings.blocks.filter((block) => block.levels.includes(level));
    if (blocks.length === 0) continue;
    status = Math.max(status, ...blocks.map((block) => block.status));
    reason += `index [${name}] blocked by: ${blocks.map(shown).join("")}`;
  }
  if (reason !== "") throw new EsError(status, "cluster_block_exception", reason);
}

/**
 * Refuses an operation that the whole cluster forbids.
 *
 * @param index name that the refusal shows; `undefined` for none
 * @throws {EsError} 403 `cluster_block_exception`
 */
export function checkClusterBlocks(cluster: Cluster, level: BlockLevel, index?: string): void {
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
