/** The command `es-proxy audit index`. */
import { countText } from "../../core/count-text.ts";
import { buildFacts } from "../../audit/facts/facts-builder.ts";
import { MissingIndexes, removeIndexes } from "../../audit/index/missing-indexes.ts";
import { CatalogError, listJournals } from "../../audit/read/catalog.ts";
import { openDirectory } from "../../audit/store/audit-directory.ts";
import { ProxyError } from "../../core/errors.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { Progress } from "./progress.ts";
import { withRecord, type ReadingTally } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { directoryOption } from "./selection-options.ts";

const name = "audit index";

/** `es-proxy audit index`. */
export const indexCommand: CommandSpec = {
  name,
  summary: "Work out what each exchange touched and returned, and index full segments by it.",
  operands: [],
  options: [
    directoryOption,
    { name: "rebuild", help: "Also of segments that have facts and indexes: all again." },
    {
      name: "watch",
      value: "INDICES=FIELDS",
      help: "Watched fields, such as 'patients-*=name,ssn'.",
    },
  ],
  notes:
    "A proxy with audit.index does this while it runs; this is for trails without, copies,\n" +
    "and for facts that are to be worked out anew. The proxy of the directory must be stopped.\n" +
    "Facts lie beside the segments (*.facts, *.documents), indexes too (*.index). All of them\n" +
    "may be deleted at any time. An index holds no ids of documents, only hashes with facts/key.",
  examples: [
    ["es-proxy audit index", "Facts and indexes of what has none yet."],
    ["es-proxy audit index --rebuild --dir /mnt/copy", "All of them again."],
  ],
  async run(line) {
    const directory = line.value("dir") ?? "./audit";
    const watch = watchOf(line);
    const isRebuild = line.isGiven("rebuild");
    return withRecord(name, directory, (tally) => index(directory, watch, isRebuild, tally));
  },
};

async function index(
  directory: string,
  watch: ReturnType<typeof watchOf>,
  isRebuild: boolean,
  tally: ReadingTally,
): Promise<number> {
  const report = new ReadReport();
  const progress = new Progress();
  try {
    // Asked first: the lock makes a directory that is absent.
    listJournals(directory);
    const lock = openDirectory(directory, "audit");
    try {
      const { segments, exchanges } = await buildFacts({
        directory,
        watch,
        isRebuild,
        listener: report,
        onProgress: (done, total, found) => progress.update(done, total, found),
      });
      const indexes = await buildIndexes(directory, isRebuild, report, progress);
      progress.end();
      tally.exchanges += exchanges;
      process.stdout.write(
        `${countText(exchanges, "exchange")} in ${countText(segments, "segment")}; ` +
          `${countText(indexes, "segment")} indexed\n`,
      );
    } finally {
      lock.release();
    }
    return report.isIncomplete ? exitCodes.failure : exitCodes.ok;
  } catch (error) {
    if (!(error instanceof CatalogError) && !(error instanceof ProxyError)) throw error;
    process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
    return exitCodes.failure;
  } finally {
    progress.end();
    report.print();
  }
}

/** @returns how many were built */
async function buildIndexes(
  directory: string,
  isRebuild: boolean,
  report: ReadReport,
  progress: Progress,
): Promise<number> {
  if (isRebuild) removeIndexes(directory);
  const missing = new MissingIndexes(directory);
  const total = missing.list().reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let count = 0;
  return missing.build({
    pause: () => Promise.resolve(),
    isStopped: () => false,
    built: (_, bytes) => {
      done += bytes;
      count += 1;
      progress.update(done, total, count);
    },
    failed: ({ name: segment }, error) =>
      report.problem({
        segment,
        offset: 0,
        kind: "unreadable",
        message: `has no index: ${errorMessage(error)}`,
      }),
  });
}

function watchOf(line: CommandLine): { indices: string; fields: string[] }[] {
  const text = line.value("watch");
  if (text === undefined) return [];
  const [indices = "", list = ""] = text.split("=", 2);
  const fields = list.split(",").filter((field) => field !== "");
  if (indices !== "" && fields.length > 0) return [{ indices, fields }];
  throw new UsageError(name, `--watch is such as 'patients-*=name,ssn'; got "${text}"`);
}
