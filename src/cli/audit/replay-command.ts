/** The command `es-proxy audit replay`. */
import { seenJson } from "../../core/unseen-text.ts";
import { Replay, type ReplayResult } from "../../audit/export/replay.ts";
import { ReplaySummary } from "../../audit/export/replay-summary.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { ignoredPaths } from "./diff-command.ts";
import { checkedId, entryWithId } from "./id-operand.ts";
import { oneOf } from "./option-values.ts";
import { Output } from "./output.ts";
import { Progress } from "./progress.ts";
import { withRecord, type ReadingTally } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { readSelected } from "./reading.ts";
import { sendingOf, sendingOptions, targetOf } from "./replay-options.ts";
import { resultJson, summaryJson, writeSingle, writeSummary } from "./replay-report.ts";
import { selectionOf, selectionOptions } from "./selection-options.ts";

const name = "audit replay";
const formats = ["table", "json", "ndjson"] as const;

/** `es-proxy audit replay`. */
export const replayCommand: CommandSpec = {
  name,
  summary: "Send recorded requests to a server again and compare the answers.",
  operands: [],
  optionalOperands: ["id"],
  options: [
    ...selectionOptions,
    ...sendingOptions,
    { name: "ignore", value: "A,B,…", help: "Paths of answers that may differ: hits.*._score." },
    { name: "format", value: "NAME", help: `${formats.join(", ")}; default: table.` },
    { name: "no-pager", help: "Never page." },
  ],
  notes:
    "Credentials are in no trail: requests are sent with ES_API_KEY, ES_TOKEN, or ES_USER\n" +
    "and ES_PASSWORD. Not sent is what goes on with a scroll or a point in time of the other\n" +
    "server, what was redacted or not recorded whole, and, without --writes, all that\n" +
    "writes, deletes, opens a context or is not known. JSON is compared by value; took,\n" +
    "scroll ids and sequence numbers may differ. Exit code 0: all answers are the same.",
  examples: [
    ["es-proxy audit replay --since 1h --to https://es-new:9200", "Rehearse an upgrade."],
    ["es-proxy audit replay 82dc3bc4 --to http://localhost:9200", "One request, in detail."],
    [
      "es-proxy audit replay -f 'action: search' --speed 1 --to http://es-new:9200",
      "As fast as they came.",
    ],
  ],
  async run(line) {
    const [id] = line.operands;
    if (id !== undefined) checkedId(name, id);
    if (id !== undefined && line.isGiven("filter"))
      throw new UsageError(name, "either an id or a filter");
    const format = oneOf(name, "format", line.value("format") ?? "table", formats);
    const selected = selectionOf(name, line);
    const sending = sendingOf(name, line);
    const target = targetOf(name, line, process.env);
    return withRecord(name, selected.directory, (tally) =>
      new ReplayRun(line, format, tally).run(id, { selected, sending, target }),
    );
  },
};

/** What is sent, where to and how. */
interface Asked {
  readonly selected: ReturnType<typeof selectionOf>;
  readonly sending: ReturnType<typeof sendingOf>;
  readonly target: ReturnType<typeof targetOf>;
}

class ReplayRun {
  readonly #line: CommandLine;
  readonly #format: (typeof formats)[number];
  readonly #output: Output;
  readonly #tally: ReadingTally;
  readonly #summary = new ReplaySummary();
  readonly #progress = new Progress();
  readonly #stop = new AbortController();
  #last: ReplayResult | undefined = undefined;
  /** Lines on their way out, in order. */
  #written: Promise<void> = Promise.resolve();

  constructor(line: CommandLine, format: (typeof formats)[number], tally: ReadingTally) {
    this.#line = line;
    this.#tally = tally;
    this.#format = format;
    this.#output = new Output(!line.isGiven("no-pager") && format !== "ndjson");
  }

  async run(id: string | undefined, { selected, sending, target }: Asked): Promise<number> {
    const line = this.#line;
    const replay = new Replay(
      {
        ...sending,
        directory: selected.directory,
        target,
        withWrites: line.isGiven("writes"),
        ignored: ignoredPaths(line.value("ignore")),
        signal: this.#stop.signal,
      },
      (result) => this.#take(result),
    );
    const interrupted = (): void => this.#stop.abort();
    process.once("SIGINT", interrupted);
    try {
      const isWhole =
        id === undefined ? await this.#all(replay, selected) : await this.#one(replay, id);
      await replay.finish();
      this.#progress.end();
      await this.#report(id !== undefined);
      const { different, failed } = this.#summary;
      return isWhole && different + failed === 0 ? exitCodes.ok : exitCodes.failure;
    } finally {
      process.off("SIGINT", interrupted);
      this.#progress.end();
      await target.close();
      await this.#output.end();
    }
  }

  /** @returns whether everything was read and sent */
  async #all(replay: Replay, selected: ReturnType<typeof selectionOf>): Promise<boolean> {
    try {
      const { exitCode } = await readSelected(name, selected, "begin", this.#output, (entry) =>
        // What is recorded of the trail itself is no request.
        entry.kind === "event" ? undefined : replay.add(entry),
      );
      return exitCode === exitCodes.ok;
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
      process.stderr.write("interrupted\n");
      return false;
    }
  }

  async #one(replay: Replay, id: string): Promise<boolean> {
    const report = new ReadReport();
    const entry = await entryWithId(name, this.#line.value("dir") ?? "./audit", id, report);
    report.print();
    if (entry === undefined) return false;
    await replay.add(entry);
    return !report.isIncomplete;
  }

  #take(result: ReplayResult): void {
    this.#summary.add(result);
    this.#tally.add(result.entry);
    this.#last = result;
    const { sent, different, failed, skipped } = this.#summary;
    this.#progress.show(
      () => `${sent} sent, ${different} differ, ${failed} not answered, ${skipped} not sent`,
    );
    if (this.#format !== "ndjson") return;
    const text = `${seenJson(resultJson(result))}\n`;
    this.#written = this.#written.then(() => this.#output.write(text));
  }

  async #report(isSingle: boolean): Promise<void> {
    await this.#written;
    const last = this.#last;
    if (this.#format === "ndjson" || (isSingle && last === undefined)) return;
    if (this.#format === "json") await this.#output.write(summaryJson(this.#summary));
    else if (isSingle && last?.kind === "answered") await writeSingle(this.#output, last);
    else await writeSummary(this.#output, this.#summary);
  }
}
