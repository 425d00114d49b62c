/** Erases records and their bodies, and leaves the log whole. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import type { BodyFilePointer, BodyPointer } from "../record/body-pointer.ts";
import { encryptedEnding } from "../store/age-file.ts";
import { eraseBodies } from "./body-erasure.ts";
import { eraseDeadLetters } from "./dead-letter-erasure.ts";
import type { ErasurePlan } from "./erasure-plan.ts";
import type { EventSink } from "./event-sink.ts";
import { removeFacts, whenFactsFollowed } from "./facts-removal.ts";
import { eraseLines } from "./line-erasure.ts";
import { recordRemoval } from "./recorded-removal.ts";
import { sealJournals } from "./sealing.ts";
import { compressedEnding } from "./segment-unit.ts";

/** Why, and by whom. */
export interface EraseReason {
  readonly reason: string;
  readonly by: string;
}

/** What was erased. */
export interface EraseResult {
  /** Id of the record in the trail. */
  readonly event: string;
  readonly records: number;
  readonly bodies: number;
  /** Encrypted segments, which cannot be looked through. */
  readonly encrypted: number;
}

/** Ids that the record in the trail names; the file of removals has the digests of all. */
const maxIds = 100;
const encryptedName = /\.(?:ndjson|log)\.zst\.age$/;
const bodyFileForm = /^bodies\/[0-9a-f]{2}\/[0-9a-f]{64}$/;

/**
 * Erases what a plan takes. The digests of the records are on disk, with a record in the trail,
 * before anything goes; then what shipping has left of them, then bodies, then records, so that a
 * crash leaves nothing that nobody points to. Done again it goes on where it was. Call it under the
 * maintenance lock.
 *
 * @throws {Error} of the file system; when segments cannot be ended or the record not be stored:
 *   then nothing was erased
 */
export async function erase(
  directory: string,
  plan: ErasurePlan,
  { reason, by }: EraseReason,
  sink: EventSink,
): Promise<EraseResult> {
  await sealJournals(directory, plan.journals, sink);
  if (sink.isLive) await whenFactsFollowed(directory, plan.journals);
  const bodies = await plan.unshared(segmentsBehind(directory, plan));
  const encrypted = readdirSync(directory).filter((name) => encryptedName.test(name)).length;
  const event = await recordRemoval(
    directory,
    "audit.erase",
    { reason, by, entries: [...plan.entries] },
    {
      reason,
      by,
      records: plan.entries.size,
      exchanges: plan.ids.size,
      bodies: bodies.length,
      ids: [...plan.ids].slice(0, maxIds),
      ...(encrypted === 0 ? {} : { encrypted_segments: encrypted }),
    },
    ({ action, outcome, fields }) => sink.record({ action, type: "deletion", outcome, fields }),
  );
  if (event === undefined)
    throw new Error("the record of the erasure could not be stored: nothing was erased");
  eraseDeadLetters(directory, plan.ids);
  const erasedBodies = eraseAll(directory, bodies);
  let records = 0;
  for (const segment of holdersOf(directory, plan)) {
    removeOtherForms(directory, segment);
    records += await eraseLines(segment, plan.entries, { event, reason, by });
    removeFacts(directory, segment);
  }
  // What was read before the lines went may have been refused meanwhile.
  eraseDeadLetters(directory, plan.ids);
  return { event, records, bodies: erasedBodies, encrypted };
}

/** Segments that may hold records which point to the same bodies. */
function segmentsBehind(directory: string, plan: ErasurePlan): Segment[] {
  const all = listJournals(directory);
  if (plan.hasBodyFiles) return all.flatMap(({ segments }) => segments);
  return all
    .filter(({ name }) => plan.journals.has(name))
    .flatMap(({ segments }) => segments.filter(({ endMs }) => endMs >= plan.fromMs));
}

/** Segments that hold records which are erased. */
function holdersOf(directory: string, { journals, inodes }: ErasurePlan): Segment[] {
  return listJournals(directory)
    .filter(({ name }) => journals.has(name))
    .flatMap(({ segments }) =>
      segments.filter(({ isSealed, inode }) => isSealed && inodes.has(inode)),
    );
}

/** @returns bodies that were erased */
function eraseAll(directory: string, pointers: readonly (BodyPointer | BodyFilePointer)[]): number {
  const byPack = new Map<string, BodyPointer[]>();
  let count = 0;
  for (const pointer of pointers)
    if (!("file" in pointer))
      byPack.set(pointer.pack, [...(byPack.get(pointer.pack) ?? []), pointer]);
    else if (bodyFileForm.test(pointer.file)) {
      for (const ending of ["", compressedEnding])
        rmSync(join(directory, pointer.file + ending), { force: true });
      count += 1;
    }
  for (const [pack, inPack] of byPack) {
    removeForm(directory, pack + compressedEnding + encryptedEnding);
    count += eraseBodies(directory, pack, inPack);
  }
  return count;
}

/** A crash while it was compressed or encrypted has left them; they are made again. */
function removeOtherForms(directory: string, { name, isCompressed }: Segment): void {
  if (!isCompressed) removeForm(directory, name + compressedEnding);
  const compressed = isCompressed ? name : name + compressedEnding;
  removeForm(directory, compressed + encryptedEnding);
}

function removeForm(directory: string, name: string): void {
  if (existsSync(join(directory, name))) rmSync(join(directory, name));
}
