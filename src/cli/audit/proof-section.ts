/** What the transparency log proves of one entry, on a terminal. */
import { standingsOf, type Standing } from "../../audit/read/verify/record-standing.ts";
import type { StandingOptions } from "../../audit/read/verify/record-standing.ts";
import { standingSummary } from "../../audit/read/verify/standing-text.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import type { Output, Style } from "./output.ts";
import { labelWidth, PageText } from "./page-text.ts";

const styles: Readonly<Record<Standing, Style>> = {
  contradicted: "red",
  unknown: "yellow",
  unsigned: "yellow",
  proven: "green",
};

/** The verdict, and a sentence or two for each record. */
export async function proofSection(
  entry: TrailEntry,
  options: StandingOptions,
  output: Output,
): Promise<string> {
  const page = new PageText(output);
  const standings = await standingsOf(entry, options);
  const { standing, verdict, sentences } = standingSummary(standings, options.trust.source);
  page.line("");
  const label = page.style("dim", "proof".padEnd(labelWidth + 2));
  page.line(`${label}${page.style(styles[standing], verdict)}`);
  for (const sentence of sentences) page.field("", sentence);
  return page.text;
}
