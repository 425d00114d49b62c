/** Settings that forbid to read or change an index, or all of them. */

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
export const clusterBlocks: readonly IndexBlock[] = [
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
