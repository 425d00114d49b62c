/** What the transparency log proves of one entry. */
import { standingsOf } from "../audit/read/verify/record-standing.ts";
import { standingSummary } from "../audit/read/verify/standing-text.ts";
import { Trust } from "../audit/read/verify/trust.ts";
import type { HeldCheckpoint } from "../audit/read/verify/verify-trail.ts";
import { indexedEntry } from "./indexed-entry.ts";

/** Whose signatures count. */
export interface TrustOptions {
  /** `undefined`: the keys that the directory itself names. */
  readonly trust?: Trust | undefined;
  /** Checkpoints that were kept elsewhere. */
  readonly held?: readonly HeldCheckpoint[];
}

/** In words; `undefined`: the trail has no entry with this id. */
export async function proofView(
  directory: string,
  id: string,
  { trust = Trust.ofDirectory(directory), held = [] }: TrustOptions,
): Promise<unknown> {
  const entry = await indexedEntry(directory, id);
  if (entry === undefined) return undefined;
  const standings = await standingsOf(entry, { directory, trust, held });
  return {
    ...standingSummary(standings, trust.source),
    records: standings.map(({ standing, log, index, newest, witnessed }) => ({
      standing,
      log,
      index,
      checkpoint: newest?.size,
      witnessed: witnessed?.size,
    })),
  };
}
