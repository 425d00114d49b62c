/** Answers to random requests that may differ, with the reasons. */
import type { Answer } from "../corpus/replay.ts";

interface AcceptedDifference {
  readonly reason: string;
  readonly holds: (real: string, mock: string) => boolean;
}

const bothSay = (text: string): AcceptedDifference["holds"] => {
  return (real, mock) => real.includes(text) && mock.includes(text);
};

/** An answer without the statistics of its terms, its members in order. */
function withoutStatistics(text: string): string {
  const plain = text.replaceAll(/"field_statistics":\{[^}]*\},?/g, "");
  return plain.split("").toSorted().join("");
}

const accepted: readonly AcceptedDifference[] = [
  {
    reason: "the cause of an unreadable scroll id depends on how the server encodes ids",
    holds: bothSay("Cannot parse scroll id"),
  },
  {
    reason: "the mock does not list what the real parser of query strings was expecting",
    holds: (real, mock) => real.includes("Encountered ") && mock.includes("Cannot parse '"),
  },
  {
    reason: "of an empty clause and what is missing beside it, or two such, another is told first",
    holds: (real, mock) =>
      real.includes("empty clause found at") &&
      /empty clause found at|is missing a function|requires '/.test(mock) &&
      [real, mock].every((text) => text.includes('"status":400')),
  },
  {
    reason: "statistics of terms count what was deleted until it is merged away",
    holds: (real, mock) =>
      bothSay('"term_vectors"')(real, mock) && withoutStatistics(real) === withoutStatistics(mock),
  },
];

/** Why two different answers may differ; `undefined` when they may not. */
export function acceptedReason(real: Answer, mock: Answer | undefined): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  return accepted.find(({ holds }) => holds(expected, actual))?.reason;
}
