/** Reads a trail once and answers all questions of a report. */
import { shellWord } from "../../../core/shell-word.ts";
import { readTrailWithFacts } from "../../facts/facts-trail.ts";
import type { ReadListener } from "../../read/read-problem.ts";
import { CoverageTally } from "./coverage-tally.ts";
import type { ReportQuestion, ReportSection } from "./report.ts";
import { SectionCollector } from "./section-collector.ts";

/** What is reported on. */
export interface ReportPlace {
  /** Live, or a copy. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  /** When the report is made. */
  readonly nowMs: number;
  readonly listener: ReadListener;
  /** How far it is, in bytes of files. */
  readonly onProgress: (done: number, total: number) => void;
}

/** The answers, and over how many exchanges and records they were sought. */
export interface Answers {
  readonly sections: readonly ReportSection[];
  readonly entries: number;
  /** How much of what the cluster served is on record, in words. */
  readonly coverage: string;
}

/**
 * Answers the questions, also out of the side log. The end of time is now where none is given:
 * what is recorded while the report is made is for the next one.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function answerQuestions(
  place: ReportPlace,
  questions: readonly ReportQuestion[],
): Promise<Answers> {
  const { directory, sinceMs, nowMs, listener, onProgress } = place;
  const untilMs = place.untilMs ?? nowMs;
  const collectors = questions.map((question) => new SectionCollector(question, nowMs));
  const coverage = new CoverageTally();
  let entries = 0;
  for await (const batch of readTrailWithFacts({
    directory,
    sinceMs,
    untilMs,
    listener,
    onProgress,
    withSideLog: true,
  }))
    for (const entry of batch) {
      entries += 1;
      coverage.offer(entry);
      for (const collector of collectors) collector.offer(entry);
      entry.release();
    }
  const sections = collectors.map((collector, at) =>
    collector.section(queryCommand(place, questions[at]?.filter ?? "")),
  );
  return { sections, entries, coverage: coverage.text };
}

/** A command line that can be copied, in absolute times. */
export function queryCommand(place: ReportPlace, filter: string): string {
  return [
    `es-proxy audit query ${shellWord(filter)}`,
    ...placeOptions(place),
    "--side-log --columns time,id,user,source,action,index,status,outcome --no-pager",
  ].join(" ");
}

/** `--dir`, `--since` and `--until` of a command line. */
export function placeOptions({ directory, sinceMs, untilMs, nowMs }: ReportPlace): string[] {
  const instant = (ms: number): string => new Date(ms).toISOString();
  return [
    `--dir ${shellWord(directory)}`,
    ...(sinceMs === undefined ? [] : [`--since ${instant(sinceMs)}`]),
    `--until ${instant(untilMs ?? nowMs)}`,
  ];
}
