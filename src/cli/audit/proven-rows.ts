/** How far the log proves the rows of a list. */
import type { EntryColumn } from "../../audit/read/entry-columns.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import {
  standingsOf,
  type Standing,
  type StandingOptions,
} from "../../audit/read/verify/record-standing.ts";
import { standingSummary } from "../../audit/read/verify/standing-text.ts";
import type { Output } from "./output.ts";
import { PageText } from "./page-text.ts";

/** Standings of the entries of a list. */
export interface ProvenRows {
  /** `proven`, `unsigned`, `contradicted` or `unknown`. */
  readonly column: EntryColumn;
  /** All of it in words: a line for each standing, with one exchange as an example. */
  readonly text: string;
  /** A record is not as it was signed. */
  readonly isContradicted: boolean;
}

interface Group {
  count: number;
  readonly verdict: string;
  readonly example: TrailEntry;
  readonly sentences: readonly string[];
}

/** Holds the records of entries against the log. @throws {Error} of the file system */
export async function provenRows(
  found: readonly { readonly entry: TrailEntry }[],
  options: StandingOptions,
  output: Output,
): Promise<ProvenRows> {
  const standings = new Map<TrailEntry, Standing>();
  const groups = new Map<Standing, Group>();
  for (const { entry } of found) {
    const records = await standingsOf(entry, options);
    const { standing, verdict, sentences } = standingSummary(records, options.trust.source);
    standings.set(entry, standing);
    const group = groups.get(standing) ?? { count: 0, verdict, example: entry, sentences };
    group.count += 1;
    groups.set(standing, group);
  }
  const page = new PageText(output);
  for (const { count, verdict, example, sentences } of groups.values()) {
    page.line("");
    page.field("proof", `${verdict}: ${count} of ${found.length} exchanges, such as this one`);
    page.field(example.id.slice(-8), sentences.join(" "));
  }
  return {
    column: {
      name: "proof",
      help: "how far the log proves the records",
      unit: undefined,
      values: (entry) => [standings.get(entry) ?? "unknown"],
    },
    text: page.text,
    isContradicted: groups.has("contradicted"),
  };
}
