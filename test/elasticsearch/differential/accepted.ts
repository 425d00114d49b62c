/** Answers to random requests that may differ, with the reasons. */
import type { Answer } from "../corpus/replay.ts";

interface AcceptedDifference {
  readonly reason: string;
  readonly holds: (real: string, mock: string) => boolean;
}

const bothSay = (text: string): AcceptedDifference["holds"] => {
  return (real, mock) => real.includes(text) && mock.includes(text);
};

const accepted: readonly AcceptedDifference[] = [
  {
    reason: "the cause of an unreadable scroll id depends on how the server encodes ids",
    holds: bothSay("Cannot parse scroll id"),
  },
  {
    reason: "the mock does not list what the real parser of query strings was expecting",
    holds: (real, mock) => real.includes("Encountered ") && mock.includes("Cannot parse '"),
  },
];

/** Why two different answers may differ; `undefined` when they may not. */
export function acceptedReason(real: Answer, mock: Answer | undefined): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  return accepted.find(({ holds }) => holds(expected, actual))?.reason;
}
