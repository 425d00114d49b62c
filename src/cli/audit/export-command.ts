/** The command `es-proxy audit export`. */
import { consoleText } from "../../audit/export/console.ts";
import { curlCommand } from "../../audit/export/curl.ts";
import { harEnd, harEntry, harStart } from "../../audit/export/har.ts";
import { wholeEntry } from "../../audit/export/whole-entry.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { packageVersion } from "../version-command.ts";
import { columnsOf, dataColumns } from "./column-option.ts";
import { oneOf } from "./option-values.ts";
import { Output } from "./output.ts";
import { isBodyField, withRecord } from "./recorded-reading.ts";
import { readSelected } from "./reading.ts";
import { rowWriter } from "./row-writer.ts";
import { selectionOf, selectionOptions } from "./selection-options.ts";

const name = "audit export";
const forms = ["har", "curl", "console", "ndjson", "csv"] as const;
type Form = (typeof forms)[number];

/** `es-proxy audit export`. */
export const exportCommand: CommandSpec = {
  name,
  summary: "Write exchanges for other programs: HAR, curl, Kibana's Console, NDJSON, CSV.",
  operands: [],
  optionalOperands: ["filter"],
  options: [
    ...selectionOptions,
    { name: "as", value: "FORM", help: `${forms.join(", ")}.` },
    { name: "to", value: "URL", help: "With curl: where to, in place of the recorded host." },
    { name: "columns", value: "A,B,…", help: "With csv: columns, as for audit query." },
  ],
  notes:
    "har      HAR 1.2, with bodies decoded; opened by browsers and by mitmproxy\n" +
    "curl     a shell script; secrets are not in it: curl asks for passwords, keys come from\n" +
    "         ES_API_KEY and ES_TOKEN\n" +
    "console  requests for Kibana's Console\n" +
    "ndjson   both records of each exchange, whole\n" +
    "csv      columns, as of audit query",
  examples: [
    ["es-proxy audit export 'id: 82dc*' --as curl", "That request, to be sent again."],
    ["es-proxy audit export --since 5m --as har > now.har", "For a browser's network panel."],
    ["es-proxy audit export 'user: alice' --as ndjson | jq .request.url.path", "For jq."],
  ],
  async run(line) {
    const form = oneOf(name, "as", line.value("as") ?? missingForm(), forms);
    const to = line.value("to");
    if (to !== undefined && (form !== "curl" || !URL.canParse(to)))
      throw new UsageError(name, "--to is a URL, and goes with --as curl");
    if (form !== "csv" && line.isGiven("columns"))
      throw new UsageError(name, "--columns goes with --as csv");
    const selected = selectionOf(name, line, line.operands[0]);
    const output = new Output(false);
    const columns = columnsOf(name, line.value("columns") ?? dataColumns);
    return withRecord(name, selected.directory, async (tally) => {
      const writer =
        form === "csv"
          ? rowWriter("csv", output, columns)
          : new TextWriter(selected.directory, form, output, to);
      const { exitCode } = await readSelected(name, selected, "begin", output, (entry) => {
        if (form === "csv" && !columns.some(({ name: field }) => isBodyField(field)))
          tally.addHead(entry);
        else tally.add(entry);
        return writer.write(entry);
      });
      await writer.end();
      const failed = writer instanceof TextWriter && writer.report();
      return failed ? exitCodes.failure : exitCode;
    });
  },
};

function missingForm(): never {
  throw new UsageError(name, `--as FORM is missing: ${forms.join(", ")}`);
}

/** Writes entry by entry; what is no exchange is left out. */
class TextWriter {
  readonly #directory: string;
  readonly #form: Exclude<Form, "csv">;
  readonly #output: Output;
  readonly #base: string | undefined;
  #count = 0;
  #leftOut = 0;
  #failures = 0;

  constructor(
    directory: string,
    form: Exclude<Form, "csv">,
    output: Output,
    base: string | undefined,
  ) {
    this.#directory = directory;
    this.#form = form;
    this.#output = output;
    this.#base = base;
  }

  async write(entry: TrailEntry): Promise<void> {
    let text: string | undefined;
    try {
      text = await this.#textOf(entry);
    } catch (error) {
      this.#failures += 1;
      process.stderr.write(`${entry.id}: ${errorMessage(error)}\n`);
      return;
    }
    if (text === undefined) {
      // What is recorded of the trail itself, this export included.
      if (entry.kind !== "event") this.#leftOut += 1;
      return;
    }
    const start = this.#count === 0 ? this.#start : this.#between;
    this.#count += 1;
    await this.#output.write(start + text);
  }

  async end(): Promise<void> {
    if (this.#form !== "har") return;
    await this.#output.write((this.#count === 0 ? this.#start : "") + harEnd);
  }

  /** Tells what is not in the output. @returns whether something of it should be */
  report(): boolean {
    if (this.#leftOut > 0)
      process.stderr.write(`${this.#leftOut} entries are no HTTP exchanges and left out\n`);
    return this.#failures > 0;
  }

  get #start(): string {
    if (this.#form === "har") return `${harStart(packageVersion())}\n`;
    return this.#form === "curl" ? "#!/bin/sh\n\n" : "";
  }

  get #between(): string {
    if (this.#form === "har") return ",\n";
    return this.#form === "ndjson" ? "" : "\n";
  }

  #textOf(entry: TrailEntry): Promise<string | undefined> {
    switch (this.#form) {
      case "har":
        return harEntry(this.#directory, entry);
      case "curl":
        return curlCommand(this.#directory, entry, this.#base);
      case "console":
        return consoleText(this.#directory, entry);
      case "ndjson":
        return Promise.resolve(`${wholeEntry(entry)}\n`);
    }
  }
}
