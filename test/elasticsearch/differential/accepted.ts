/** Answers to random requests that may differ, with the reasons. */
import type { Answer } from "../corpus/replay.ts";

interface AcceptedDifference {
  readonly reason: string;
  readonly holds: (real: string, mock: string) => boolean;
}

const accepted: readonly AcceptedDifference[] = [];

/** Why two different answers may differ; `undefined` when they may not. */
export function acceptedReason(real: Answer, mock: Answer | undefined): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  return accepted.find(({ holds }) => holds(expected, actual))?.reason;
}
