/** What one user has read, and what else the trail has of that user. */
import { shellWord } from "../../../core/shell-word.ts";
import { quoteValue } from "../../../kql/quote-value.ts";
import { answerQuestions, placeOptions, type ReportPlace } from "./answer-questions.ts";
import type { Report, ReportQuestion } from "./report.ts";

/** @throws {CatalogError} when the directory holds no trail */
export async function readsReport(place: ReportPlace, user: string): Promise<Report> {
  const who = `user: ${quoteValue(user)}`;
  const questions: readonly ReportQuestion[] = [
    {
      key: "reads",
      title: "Documents that were read",
      words: "Calls that read, by index, call and origin; documents as far as facts say.",
      filter: `${who} and es_proxy.class: read`,
      groupBy: ["index", "action", "source", "agent"],
    },
    {
      key: "watched",
      title: "Watched fields among them",
      words: "Answers that held a field of audit.watch.",
      filter: `${who} and es_proxy.facts.watched: *`,
      groupBy: ["es_proxy.facts.watched", "index"],
      notes: ["Only with audit.watch, or after es-proxy audit index."],
    },
    {
      key: "refused",
      title: "What was refused",
      words: "Calls that were answered with 401 or 403.",
      filter: `${who} and status: (401 or 403)`,
      groupBy: ["action", "index", "source"],
    },
    {
      key: "writes",
      title: "What was written",
      words: "Calls that wrote, changed or deleted documents.",
      filter: `${who} and es_proxy.class: write`,
      groupBy: ["index", "action"],
    },
    {
      key: "administration",
      title: "Administrative calls, and looks at the trail",
      words: "Calls that change the cluster or its security, and commands on the audit trail.",
      filter: `${who} and (es_proxy.class: (admin or security) or es_proxy.record: event)`,
      groupBy: ["action"],
    },
  ];
  const { sections, entries, coverage } = await answerQuestions(place, questions);
  const sessions = [
    `es-proxy audit sessions --user ${shellWord(user)}`,
    ...placeOptions(place),
    "--no-pager",
  ].join(" ");
  return {
    kind: "reads",
    title: `What ${user} has read`,
    about: [
      `This page shows what the user ${user} was sent through es-proxy, and what else the trail ` +
        "has of this user. Calls of one long read (a scroll, a point in time, paging) are joined " +
        `by: ${sessions}`,
    ],
    facts: [
      ["User", user],
      ["Records looked at", String(entries)],
      ["On record", coverage],
    ],
    sections,
    limits: [
      "The user is whom the credential names: several people may share it, and one person may " +
        "have several.",
      "Values behind aggregations are read without their documents.",
    ],
  };
}
