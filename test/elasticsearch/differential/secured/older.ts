/** What a server of version 8.19 answers otherwise than one of 9.5, which the mock follows. */
import type { Answer } from "../../corpus/replay.ts";

interface OlderAnswer {
  readonly reason: string;
  readonly holds: (real: string, mock: string) => boolean;
}

/** An answer that does not tell which privileges would grant what is denied. */
function withoutPrivileges(text: string): string {
  return text.replaceAll(/granted by the (?:cluster|index) privileges \[[^\]]*\]/g, "granted");
}

const older: readonly OlderAnswer[] = [
  {
    reason: "8.19 has no API that takes blocks away",
    holds: (real) => /^\{"ask":"DELETE [^"]*\/_block\/[^"]*","status":405,/.test(real),
  },
  {
    reason: "8.19 lists the privileges that grant an action otherwise",
    holds: (real, mock) => withoutPrivileges(real) === withoutPrivileges(mock),
  },
  {
    reason: "8.19 leaves names out behind a pattern only",
    holds: (real) => /^\{"ask":"[A-Z]+ [^"?]*[/,]-/.test(real),
  },
];

/** Why an older server may answer so; `undefined` when it may not. */
export function olderReason(real: Answer, mock: Answer | undefined): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  return older.find(({ holds }) => holds(expected, actual))?.reason;
}
