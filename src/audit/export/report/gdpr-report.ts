/** What a trail knows of the data of one person: who was sent it, who wrote it, who asked. */
import { shellWord } from "../../../core/shell-word.ts";
import { inQuotes, quoteValue } from "../../../kql/quote-value.ts";
import { FactsReader } from "../../facts/facts-reader.ts";
import type { DocumentUse } from "../../examine/document-uses.ts";
import { searchDocument } from "../../index/document-search.ts";
import { TrailIndex } from "../../index/trail-index.ts";
import { answerQuestions, placeOptions, type ReportPlace } from "./answer-questions.ts";
import type { Report, ReportQuestion, ReportSection } from "./report.ts";
import { SectionCollector } from "./section-collector.ts";

/** Whose data. */
export interface GdprScope {
  /** `_id` of the person's documents; also looked for as text. */
  readonly subject: string;
  /** An index expression: where these documents are. */
  readonly indices: string;
}

const groupBy = ["user", "source", "action", "index"];

/** @throws {CatalogError} when the directory holds no trail */
export async function gdprReport(place: ReportPlace, scope: GdprScope): Promise<Report> {
  const { subject, indices } = scope;
  const { sections: sightings, untold } = await documentSections(place, scope);
  const { sections, entries, coverage } = await answerQuestions(place, [
    {
      key: "named",
      title: "Calls that name the person",
      words: `Calls whose address or bodies hold ${inQuotes(subject)}, whatever came of them.`,
      filter: `url.original: *${plainPart(subject)}* or body: ${inQuotes(subject)}`,
      groupBy,
      notes: ["As far as bodies were recorded, were not redacted, and came uncompressed."],
    },
    {
      key: "erased",
      title: "What was erased from the trail",
      words: "Erasures of records, whomever they concerned; the reason says which request it was.",
      filter: "event.action: audit.erase",
      groupBy: ["user"],
    },
  ]);
  return {
    kind: "gdpr",
    title: `GDPR: what the audit trail knows of ${subject}`,
    about: [
      `This page answers who was sent documents with the id ${subject} of ${indices}, who wrote ` +
        "or changed them, and which calls name the person: recipients (Article 15(1)(c)), and " +
        "the extent of a breach (Article 33(3)). It is itself personal data.",
    ],
    facts: [
      ["Subject", subject],
      ["Indices", indices],
      ["Records looked at", String(entries)],
      ["On record", coverage],
      ["Calls without ids", String(untold)],
    ],
    sections: [...sightings, ...sections],
    limits: [
      "Documents that _delete_by_query, _update_by_query and _reindex touch, and those behind " +
        "aggregations, are named by no request and no answer.",
      "Other documents with data of the person, under other ids, need a report of their own.",
      "An alias is not known: name what it stands for.",
      "Calls without ids may have returned or written them, too: their answers are not in the " +
        "trail, or only in part, or name no ids.",
    ],
  };
}

/** From what was sent and written, by the document's id. */
async function documentSections(
  place: ReportPlace,
  scope: GdprScope,
): Promise<{ readonly sections: ReportSection[]; readonly untold: number }> {
  const { directory, sinceMs, nowMs, listener, onProgress } = place;
  const { subject, indices } = scope;
  const parts: readonly (readonly [ReportQuestion, readonly DocumentUse[]])[] = [
    [
      {
        key: "read",
        title: "Who was sent the documents",
        words: "Answers that held the document, and calls that asked for it by its id.",
        filter: "event.id: *",
        groupBy,
      },
      ["read", "asked"],
    ],
    [
      {
        key: "written",
        title: "Who wrote, changed or deleted the documents",
        words: "Calls that wrote the document, or tried to.",
        filter: "event.id: *",
        groupBy,
      },
      ["wrote", "tried"],
    ],
  ];
  const facts = new FactsReader(directory);
  const index = new TrailIndex(directory, () => undefined);
  try {
    const { found, untold } = await searchDocument({
      directory,
      sinceMs,
      listener,
      onProgress,
      indices,
      index,
      untilMs: place.untilMs ?? nowMs,
      id: subject,
      facts: facts.factsOf,
    });
    const command = [
      `es-proxy audit who --index ${shellWord(indices)} --id ${shellWord(subject)}`,
      ...placeOptions(place),
      "--no-pager",
    ].join(" ");
    const sections = parts.map(([question, uses]) => {
      const collector = new SectionCollector(question, nowMs);
      for (const sighting of found)
        if (sighting.uses.some((use) => uses.includes(use))) collector.take(sighting.entry);
      return collector.section(command);
    });
    return { sections, untold };
  } finally {
    facts.close();
    index.close();
  }
}

/** A value between wildcards cannot be in quotes: the longest run that needs none. */
function plainPart(text: string): string {
  const runs = text.split(/[^\p{L}\p{N}_.@-]+/u).filter((run) => quoteValue(run) === run);
  return runs.toSorted((one, other) => other.length - one.length)[0] ?? "";
}
