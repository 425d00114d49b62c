/** What a verification of one segment or one exchange says. */
import { countText } from "../../core/count-text.ts";
import type { Anchor } from "../../audit/read/verify/anchor.ts";
import type { ProvenEntry, ProvenSegment } from "../../audit/read/verify/verify-part.ts";

export function segmentText({
  segment,
  log,
  firstIndex,
  lines,
  unsigned,
  anchor,
  end,
}: ProvenSegment): string {
  const last = firstIndex + lines - 1;
  return [
    `${segment.name}: ${countText(lines, "record")}, numbers ${firstIndex} to ${last} of ${log}, ` +
      "are as they were signed",
    ...(unsigned === 0
      ? []
      : [
          `the last ${unsigned} of them stand behind the newest checkpoint: ` +
            "nobody has signed them yet",
        ]),
    `${end.bodies} bodies outside of it are what their records say`,
    `by the checkpoint of ${anchor.origin} with ${countText(anchor.size, "record")}, ` +
      signersOf(anchor),
    "",
  ].join("\n");
}

export function segmentJson({
  segment,
  log,
  firstIndex,
  lines,
  unsigned,
  anchor,
  end,
}: ProvenSegment): string {
  const value = {
    ok: true,
    segment: segment.name,
    log,
    first_index: firstIndex,
    records: lines,
    behind_checkpoint: unsigned,
    bodies: end.bodies,
    checkpoint: { origin: anchor.origin, records: anchor.size, cosigned_by: anchor.cosigners },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function entryText({ entry, proofs, bodies }: ProvenEntry): string {
  const lines = proofs.map(
    ({ log, index, anchor }) =>
      `record ${index} of ${log} is as it was signed, by the checkpoint of ${anchor.origin} with ` +
      `${anchor.size} records, ${signersOf(anchor)}`,
  );
  const bodyText =
    bodies === 0 ? [] : [`${bodies} bodies outside of them are what the records say`];
  return `${[entry.id, ...lines, ...bodyText].join("\n")}\n`;
}

export function entryJson({ entry, proofs, bodies }: ProvenEntry): string {
  const value = {
    ok: true,
    id: entry.id,
    bodies,
    records: proofs.map(({ log, index, anchor }) => ({
      log,
      index,
      checkpoint: { origin: anchor.origin, records: anchor.size, cosigned_by: anchor.cosigners },
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function signersOf({ cosigners, isHeldElsewhere }: Anchor): string {
  const names = cosigners.map(({ name }) => name).join(", ");
  if (names !== "") return `cosigned by ${names}`;
  return isHeldElsewhere ? "which you hold" : "signed by the log alone";
}
