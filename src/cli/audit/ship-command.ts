/** The command `es-proxy audit ship`. */
import { hostname } from "node:os";

import { logOriginOf } from "../../audit/read/log-origin.ts";
import { ShipError } from "../../audit/ship/ship-lock.ts";
import { Shipper, type ShipListener, type ShipperOptions } from "../../audit/ship/shipper.ts";
import { targetName, usualDataStream } from "../../audit/ship/target-name.ts";
import { CatalogError, listJournals } from "../../audit/read/catalog.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { parseSize } from "../../config/units.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { certificateOptions, clusterOf, credentialNotes } from "./cluster-options.ts";
import { Progress } from "./progress.ts";
import { withRecord, type ReadingTally } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { directoryOption } from "./selection-options.ts";

const name = "audit ship";
/** Between two looks at a trail that had nothing new. Milliseconds. */
const everyMs = 1000;
/** So many refusals are told one by one. */
const maxTold = 5;

/** `es-proxy audit ship`. */
export const shipCommand: CommandSpec = {
  name,
  summary: "Ship a trail to a data stream of an Elasticsearch, for questions to a whole fleet.",
  operands: [],
  options: [
    directoryOption,
    { name: "to", value: "URL,…", help: "Nodes of the cluster: https://audit.internal:9200." },
    {
      name: "data-stream",
      value: "NAME",
      help: `Default: ${usualDataStream}.`,
    },
    { name: "bodies", value: "SIZE", help: "Ship bodies up to this size; default: none." },
    { name: "host", value: "NAME", help: "Who wrote the trail; default: this machine." },
    { name: "follow", help: "Go on with what is written from now on, until Ctrl-C." },
    ...certificateOptions,
  ],
  notes:
    "An exchange becomes one document, created under its id: what is sent twice exists once.\n" +
    "How far it is stands in DIR/ship, so the next run goes on there; what the cluster refuses\n" +
    "for ever lies beside it (*.dead-letters.ndjson). `audit setup` makes the template.\n" +
    credentialNotes,
  examples: [
    ["es-proxy audit ship --to https://audit.internal:9200", "All that is there, once."],
    ["es-proxy audit ship --to https://audit.internal:9200 --follow", "And what comes."],
  ],
  async run(line) {
    const directory = line.value("dir") ?? "./audit";
    const dataStream = line.value("data-stream") ?? usualDataStream;
    const cluster = clusterOf(name, "to", line, process.env);
    const options: ShipperOptions = {
      directory,
      name: targetName(cluster.nodes, dataStream),
      cluster,
      dataStream,
      host: line.value("host") ?? hostname(),
      originOf: (journal) => logOriginOf(directory, journal),
      bodyBytes: bodiesOf(line),
      everyMs,
      awaitsFacts: false,
    };
    return withRecord(name, directory, (tally) => ship(options, line.isGiven("follow"), tally));
  },
};

async function ship(
  options: ShipperOptions,
  isFollowing: boolean,
  tally: ReadingTally,
): Promise<number> {
  const told = new ShipReport(tally);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  let shipper: Shipper | undefined;
  try {
    listJournals(options.directory);
    shipper = new Shipper(options, told);
    if (isFollowing) await shipper.follow(stop.signal);
    else await shipper.drain(stop.signal);
    return told.exitCode;
  } catch (error) {
    if (stop.signal.aborted) return exitCodes.failure;
    if (!(error instanceof CatalogError) && !(error instanceof ShipError)) throw error;
    process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
    return exitCodes.failure;
  } finally {
    await shipper?.close();
    told.print();
  }
}

function bodiesOf(line: CommandLine): number {
  const text = line.value("bodies");
  const size = text === undefined ? 0 : parseSize(text);
  if (size !== undefined) return size;
  throw new UsageError(name, `--bodies is a size such as 16KiB; got "${text}"`);
}

/** Counts, and tells what does not go well. */
class ShipReport implements ShipListener {
  readonly #tally: ReadingTally;
  readonly #reading = new ReadReport();
  readonly #progress = new Progress();
  readonly problem = this.#reading.problem.bind(this.#reading);
  readonly gap = this.#reading.gap.bind(this.#reading);
  #shipped = 0;
  #refused = 0;
  #reason = "";
  #hasLost = false;

  /** @param tally counts what leaves the machine */
  constructor(tally: ReadingTally) {
    this.#tally = tally;
  }

  get exitCode(): number {
    const isWhole = this.#refused === 0 && !this.#hasLost && !this.#reading.isIncomplete;
    return isWhole ? exitCodes.ok : exitCodes.failure;
  }

  shipped(count: number): void {
    this.#shipped += count;
    this.#tally.exchanges += count;
    this.#reason = "";
    this.#progress.show((ms) => {
      const rate = Math.round((this.#shipped / ms) * 1000);
      return `${this.#shipped} documents, ${rate} a second`;
    });
  }

  refused(id: string, status: number, reason: string): void {
    this.#refused += 1;
    if (this.#refused <= maxTold) this.#tell(`${id} is refused (${status}): ${reason}`);
  }

  /** The same reason again is not told again. */
  failed(reason: string): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#tell(`${reason}; it is tried again`);
  }

  lost(journal: string): void {
    this.#hasLost = true;
    this.#tell(`segments of ${journal} were removed before all of them was shipped`);
  }

  print(): void {
    this.#progress.end();
    this.#reading.print();
    const refused = this.#refused === 0 ? "" : `, ${this.#refused} refused (see DIR/ship)`;
    process.stdout.write(`${this.#shipped} documents shipped${refused}\n`);
  }

  #tell(text: string): void {
    process.stderr.write(`es-proxy ${name}: ${toOneLine(text)}\n`);
  }
}
