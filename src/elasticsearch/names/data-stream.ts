/** Names of the backing indices of data streams. */

/** What a backing index belongs to. */
export interface DataStreamPart {
  readonly stream: string;
  /** `failures`: the failure store, which holds documents that could not be indexed. */
  readonly component: "data" | "failures";
}

/**
 * Reads the data stream from the name of a backing index: `.ds-<stream>-<yyyy.MM.dd>-<generation>`,
 * `.fs-…` for a failure store, without date before 7.11. Prefixes that lifecycle actions put before
 * it (shrink, downsample, searchable snapshots) are skipped.
 *
 * @returns undefined for names of another form
 */
export function dataStreamOf(index: string): DataStreamPart | undefined {
  if (index.length > maxNameLength || !index.includes("s-")) return undefined;
  const match = backingName.exec(index);
  const stream = match?.[2];
  if (stream === undefined) return undefined;
  return { stream, component: match?.[1] === "f" ? "failures" : "data" };
}

/** Index names have at most 255 bytes; prefixes count as well. */
const maxNameLength = 255;

/**
 * `partial-`, `restored-`: searchable snapshots; `shrink-<random>-`; `downsample-<interval>-`, once
 * for each round, with `-<random>` in older versions; `.reindexed-v9-`, `.migrated-`: upgrades,
 * which drop the leading dot.
 */
const backingName =
  /^(?:partial-|restored-|shrink-[a-z0-9_-]{4,8}-|downsample-(?:[a-z0-9]{4}-)?[0-9]+[a-z]+-|\.?migrated-|\.?reindexed-v[0-9]+-){0,8}\.?([df])s-(.+?)(?:-[0-9]{4}\.[0-9]{2}\.[0-9]{2})?-[0-9]{6,}$/;
