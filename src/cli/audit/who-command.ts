/** The command `es-proxy audit who`. */
import {
  searchDocument,
  untoldInTrail,
  type DocumentSighting,
} from "../../audit/index/document-search.ts";
import { TrailIndex } from "../../audit/index/trail-index.ts";
import { asksForReads, ReadsOfTrail } from "../../audit/index/reads-of-trail.ts";
import { FactsReader } from "../../audit/facts/facts-reader.ts";
import { searchStreamDocument, untoldInStream } from "../../audit/ship/stream-documents.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import type { EntryColumn } from "../../audit/read/entry-columns.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { columnsOf } from "./column-option.ts";
import { askFleet } from "./fleet-client.ts";
import { fleetOptions } from "./fleet-options.ts";
import { tellNothingFound } from "./nothing-found.ts";
import { oneOf } from "./option-values.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { provenRows, type ProvenRows } from "./proven-rows.ts";
import { ReadingTally, recordReading } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { rowFormats, rowWriter } from "./row-writer.ts";
import { selectionOf, selectionOptions } from "./selection-options.ts";
import { heldCheckpoints, trustOf, trustOptions } from "./trust-options.ts";

const name = "audit who";

/** What is known of one exchange; a data stream does not tell fields by document. */
type Sighting = Omit<DocumentSighting, "fields"> & Partial<Pick<DocumentSighting, "fields">>;

/** `es-proxy audit who`. */
export const whoCommand: CommandSpec = {
  name,
  summary: "Say who was sent a document or wrote it: when, from where, by which call.",
  operands: [],
  optionalOperands: ["INDEX/ID"],
  options: [
    {
      name: "index",
      value: "NAME",
      help: "Its index or data stream; wildcards and lists work. Default: any.",
    },
    { name: "id", value: "ID", help: "Its _id." },
    ...selectionOptions,
    ...fleetOptions,
    { name: "format", value: "NAME", help: `${rowFormats.join(", ")}; default: table.` },
    { name: "reads", help: "The read of several calls that the call of each row is a part of." },
    { name: "proof", help: "How far the log proves the records of each row." },
    ...trustOptions,
    { name: "no-pager", help: "Never page." },
  ],
  notes:
    "INDEX/ID is short for --index INDEX --id ID; an argument without a / is the _id.\n" +
    "use: read (it was in the answer), wrote, tried (writing it failed for all or some of the\n" +
    "call's documents, or the answer is not known), asked (by its id; the answer was not kept).\n" +
    "fields: those of audit.watch that were in the answer. An index that the answer does not\n" +
    "name is shown as ?. An alias is not known: name what it stands for.\n" +
    "Documents that _delete_by_query, _update_by_query and _reindex touch are named by no\n" +
    "request and no answer: such calls are counted, and so are those whose answers are not on\n" +
    "record. Those behind aggregations are not. ref is for audit show.\n" +
    "proof: proven, unsigned (behind the newest checkpoint), contradicted (not as signed),\n" +
    "unknown (no log, or no key of it); audit show says how.",
  examples: [
    ["es-proxy audit who patients/4711", "Who has seen or changed it?"],
    ["es-proxy audit who --index 'patients-*' --id 4711 --since 7d --format csv", "As a list."],
    ["es-proxy audit who --index patients --id 4711 -f 'not user: alice'", "Who but alice?"],
    ["es-proxy audit who --index patients --id 4711 --proof", "And does the log say so?"],
  ],
  async run(line) {
    const { indices, id } = askedDocument(line);
    const selected = selectionOf(name, line);
    const format = oneOf(name, "format", line.value("format") ?? "table", rowFormats);
    const { fleet } = selected;
    if (fleet !== undefined && line.isGiven("proof"))
      throw new UsageError(name, "--proof is asked of a directory: the log is there");
    if (fleet !== undefined && line.isGiven("reads"))
      throw new UsageError(name, "--reads is asked of a directory: es-proxy audit sessions");
    if (fleet !== undefined)
      return askFleet(name, fleet, async (client) => {
        const options = { ...selected, ...fleet, indices, id };
        const { found, untold } = await searchStreamDocument(client, options);
        const output = new Output(!line.isGiven("no-pager"));
        await writeSightings(found, format, output);
        await output.end();
        if (untold === 0) return exitCodes.ok;
        process.stderr.write(`es-proxy ${name}: ${untoldInStream(untold)}\n`);
        return exitCodes.failure;
      });
    const report = new ReadReport();
    const progress = new Progress();
    const facts = new FactsReader(selected.directory);
    const index = new TrailIndex(selected.directory, report.indexNotice);
    const output = new Output(!line.isGiven("no-pager"));
    try {
      const onProgress = (done: number, total: number): void => progress.update(done, total, 0);
      const hasReads = line.isGiven("reads") || asksForReads(selected.filter);
      const reads = hasReads
        ? await ReadsOfTrail.find(selected.directory, index, report, onProgress)
        : undefined;
      const { found, untold } = await searchDocument({
        ...selected,
        indices,
        id,
        listener: report,
        onProgress,
        // No column shows facts; looking for them costs more than all the rest.
        facts: selected.filter === undefined ? undefined : facts.factsOf,
        index,
        ...(reads === undefined ? {} : { reads: reads.readOf }),
      });
      progress.end();
      const tally = new ReadingTally();
      for (const { entry } of found) tally.add(entry);
      await recordReading(name, selected.directory, tally);
      const { directory } = selected;
      const proofs = line.isGiven("proof")
        ? await provenRows(
            found,
            { directory, trust: trustOf(name, line, directory), held: heldCheckpoints(name, line) },
            output,
          )
        : undefined;
      await writeSightings(found, format, output, proofs, reads);
      if (untold > 0) report.notice(`es-proxy ${name}: ${untoldInTrail(untold)}`);
      if (found.length === 0)
        tellNothingFound(
          name,
          selected,
          "nobody",
          "an alias is not known: name what it stands for",
        );
      if (format === "table") await output.write(proofs?.text ?? "");
      const isWrong = report.isIncomplete || proofs?.isContradicted === true;
      return isWrong ? exitCodes.failure : exitCodes.ok;
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
      return exitCodes.failure;
    } finally {
      progress.end();
      facts.close();
      index.close();
      await output.end();
      report.print();
    }
  },
};

/** The document that the options name, or the operand: an index has no `/` in its name. */
function askedDocument(line: CommandLine): { readonly indices: string; readonly id: string } {
  const [operand] = line.operands;
  if (operand !== undefined && (line.isGiven("index") || line.isGiven("id")))
    throw new UsageError(name, "either INDEX/ID or --index and --id");
  const slash = operand?.indexOf("/") ?? -1;
  const indices = slash === -1 ? line.value("index") : operand?.slice(0, slash);
  const id = operand?.slice(slash + 1) ?? line.value("id");
  if (indices === "") throw new UsageError(name, "the index is missing: INDEX/ID");
  if (id === undefined || id === "")
    throw new UsageError(name, "the document is missing: INDEX/ID, or --index INDEX --id ID");
  return { indices: indices ?? "*", id };
}

async function writeSightings(
  found: readonly Sighting[],
  format: (typeof rowFormats)[number],
  output: Output,
  proofs?: ProvenRows,
  reads?: ReadsOfTrail,
): Promise<void> {
  const columns = columnsFor(found, format === "table", proofs, reads);
  const writer = rowWriter(format, output, columns, false, { status: 3, index: 2, action: 1 });
  for (const { entry } of found) {
    await writer.write(entry);
    entry.release();
  }
  await writer.end();
}

/** The columns; those of the document know what was found by its entry. */
function columnsFor(
  found: readonly Sighting[],
  isTable: boolean,
  proofs: ProvenRows | undefined,
  reads: ReadsOfTrail | undefined,
): EntryColumn[] {
  const sightings = new Map<TrailEntry, Sighting>(found.map((one) => [one.entry, one]));
  const list = (
    title: string,
    valuesOf: (sighting: Sighting) => readonly string[],
  ): EntryColumn => ({
    name: title,
    help: "",
    unit: undefined,
    isList: true,
    values: (entry) => {
      const sighting = sightings.get(entry);
      return sighting === undefined ? [] : valuesOf(sighting);
    },
  });
  const hasFields = !isTable || found.some(({ fields = [] }) => fields.length > 0);
  return [
    ...columnsOf(name, isTable ? "time,user,source" : "time,id,user,source,agent,method,url"),
    list("use", ({ uses }) => uses),
    list("index", ({ indices }) => indices.map((index) => (index === "" ? "?" : index))),
    ...(hasFields ? [list("fields", ({ fields = [] }) => fields)] : []),
    ...(reads === undefined ? [] : [readColumn(reads, isTable)]),
    ...(proofs === undefined ? [] : [proofs.column]),
    ...columnsOf(name, "action,status,ref"),
  ];
}

/** In a table the end of an id is enough, as in `ref`. */
function readColumn(reads: ReadsOfTrail, isTable: boolean): EntryColumn {
  return {
    name: "read",
    help: "",
    unit: undefined,
    values: ({ id }) => {
      const read = reads.readOf(id);
      return read === undefined ? [] : [isTable ? read.slice(-8) : read];
    },
  };
}
