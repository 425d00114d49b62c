/** Segments of which nothing can be read here, because they are encrypted. */
import { listUnits } from "../audit/retention/segment-unit.ts";

/** Those that may hold something of a time. Times in milliseconds since the epoch. */
export function countEncrypted(
  directory: string,
  {
    sinceMs = -Infinity,
    untilMs = Infinity,
  }: { readonly sinceMs?: number | undefined; readonly untilMs?: number | undefined },
): number {
  const units = listUnits(directory).filter(({ segment }) => segment === undefined);
  return units.filter(({ begunMs, endMs }) => endMs >= sinceMs && begunMs < untilMs).length;
}
