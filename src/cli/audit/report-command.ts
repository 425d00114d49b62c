/** The command `es-proxy audit report`. */
import { seenJson } from "../../core/unseen-text.ts";
import { writeFileSync } from "node:fs";

import { whoAsks } from "../../audit/operations/who-asks.ts";
import { gdprReport } from "../../audit/export/report/gdpr-report.ts";
import { pciReport } from "../../audit/export/report/pci-report.ts";
import { readsReport } from "../../audit/export/report/reads-report.ts";
import type { ReportPlace } from "../../audit/export/report/answer-questions.ts";
import { reportHtml } from "../../audit/export/report/report-html.ts";
import type { Report } from "../../audit/export/report/report.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import { shellWord } from "../../core/shell-word.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { packageVersion } from "../version-command.ts";
import { oneOf } from "./option-values.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { ReadReport } from "./read-report.ts";
import { ReadingTally, recordReading } from "./recorded-reading.ts";
import { directoryOption, selectionOf, selectionOptions } from "./selection-options.ts";

const name = "audit report";
const kinds = ["pci", "gdpr", "reads"] as const;
type Kind = (typeof kinds)[number];
const formats = ["html", "json"] as const;
/** What may stand in index expressions of a filter without quotes. */
const indexPattern = /^[\w.*+-][\w.*+,-]*$/;

/** Options that go with one kind only. */
const ofKind: Readonly<Record<string, readonly Kind[]>> = {
  index: ["pci", "gdpr"],
  admin: ["pci"],
  subject: ["gdpr"],
  user: ["reads"],
};

/** `es-proxy audit report`. */
export const reportCommand: CommandSpec = {
  name,
  summary: "Make a page for a person who was not there: PCI DSS 10.2.1, GDPR, reads of a user.",
  operands: [kinds.join("|")],
  options: [
    directoryOption,
    ...selectionOptions.filter(({ name: option }) => option === "since" || option === "until"),
    { name: "index", value: "NAME", help: "pci: cardholder data; gdpr: the person's documents." },
    { name: "admin", value: "NAME", isRepeatable: true, help: "pci: a user who administers." },
    { name: "subject", value: "ID", help: "gdpr: _id of the person's documents, and text." },
    { name: "user", value: "NAME", help: "reads: whose." },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: html.` },
    { name: "out", short: "o", value: "FILE", help: "The file, which must not exist yet." },
  ],
  notes:
    "pci    the seven items of PCI DSS v4.0.1, 10.2.1, each with counts, ids of records, and\n" +
    "       the query that lists all of them\n" +
    "gdpr   who was sent, wrote or named the documents of one person\n" +
    "reads  what one user has read\n\n" +
    "The page is one file: it loads nothing and runs nothing. Making it is recorded in the trail.",
  examples: [
    ["es-proxy audit report pci --since 2026-11-01 --index 'cards-*' > pci.html", "A month."],
    ["es-proxy audit report gdpr --subject 4711 --index 'patients-*' -o 4711.html", "A person."],
    ["es-proxy audit report reads --user alice --since 7d --format json", "For programs."],
  ],
  async run(line) {
    const kind = oneOf(name, "report", line.operands[0] ?? "", kinds);
    const format = oneOf(name, "format", line.value("format") ?? "html", formats);
    const make = makerOf(kind, line);
    const problems = new ReadReport();
    const progress = new Progress();
    const { directory, sinceMs, untilMs } = selectionOf(name, line);
    const nowMs = Date.now();
    const onProgress = (done: number, total: number): void => progress.update(done, total, 0);
    const place = { directory, sinceMs, untilMs, nowMs, listener: problems, onProgress };
    try {
      const report = withFacts(await make(place), place);
      progress.end();
      const tally = new ReadingTally();
      for (const { count } of report.sections) tally.exchanges += count;
      await recordReading(name, directory, tally);
      const text = format === "html" ? reportHtml(report) : `${seenJson(report, 2)}\n`;
      await write(line.value("out"), text);
      return problems.isIncomplete ? exitCodes.failure : exitCodes.ok;
    } catch (error) {
      if (!(error instanceof CatalogError) && !(error instanceof WriteError)) throw error;
      process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
      return exitCodes.failure;
    } finally {
      progress.end();
      problems.print();
    }
  },
};

/** Checks what goes with the kind. @throws {UsageError} */
function makerOf(kind: Kind, line: CommandLine): (place: ReportPlace) => Promise<Report> {
  for (const [option, wanted] of Object.entries(ofKind))
    if (line.isGiven(option) && !wanted.includes(kind))
      throw new UsageError(name, `--${option} goes with ${wanted.join(" and ")}`);
  const index = line.value("index");
  if (index !== undefined && !indexPattern.test(index))
    throw new UsageError(name, `--index is a name such as 'cards-*', or a list; got "${index}"`);
  switch (kind) {
    case "pci": {
      const indices = index?.split(",").filter((one) => one !== "") ?? [];
      return (place) => pciReport(place, { indices, admins: line.values("admin") });
    }
    case "gdpr": {
      const subject = line.value("subject") ?? missing("--subject ID");
      return (place) => gdprReport(place, { subject, indices: index ?? "*" });
    }
    case "reads": {
      const user = line.value("user") ?? missing("--user NAME");
      return (place) => readsReport(place, user);
    }
  }
}

function missing(option: string): never {
  throw new UsageError(name, `${option} is missing`);
}

/** With where, when and by whom. */
function withFacts(report: Report, { directory, sinceMs, untilMs, nowMs }: ReportPlace): Report {
  const { user, host, args } = whoAsks(process.argv.slice(2));
  const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const from = sinceMs === undefined ? "the beginning of the trail" : instant(sinceMs);
  return {
    ...report,
    facts: [
      ["Trail", directory],
      ["Time", `${from} to ${instant(untilMs ?? nowMs)}`],
      ...report.facts,
      ["Made", `${instant(nowMs)} by ${user} on ${host}, es-proxy ${packageVersion()}`],
      ["Command", `es-proxy ${args.map(shellWord).join(" ")}`],
      ["Proof of the records", `es-proxy audit verify --dir ${shellWord(directory)}`],
    ],
  };
}

/** The file cannot be made. */
class WriteError extends Error {}

async function write(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) {
    const output = new Output(false);
    await output.write(text);
    await output.end();
    return;
  }
  try {
    // Whoever may not read the trail may not read this either.
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new WriteError(`${file} cannot be written: ${errorMessage(error)}`);
  }
}
