/** The command `es-proxy audit show`. */
import { openRecordedBody, recordedBody, type BodySide } from "../../audit/read/recorded-body.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { errorMessage } from "../../core/system-error.ts";
import { findInStream } from "../../audit/ship/stream-query.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { entryPage } from "./entry-page.ts";
import { askFleet } from "./fleet-client.ts";
import { fleetOf, fleetOptions, type FleetStream } from "./fleet-options.ts";
import { proofSection } from "./proof-section.ts";
import { checkedId, entryWithId } from "./id-operand.ts";
import { Output } from "./output.ts";
import { ReadingTally, recordReading } from "./recorded-reading.ts";
import { ReadReport } from "./read-report.ts";
import { directoryOption } from "./selection-options.ts";
import { heldCheckpoints, trustOf, trustOptions } from "./trust-options.ts";

const name = "audit show";

/** `es-proxy audit show`. */
export const showCommand: CommandSpec = {
  name,
  summary: "Show one exchange: who, what and when, both halves, timings, bodies.",
  operands: ["<id>"],
  options: [
    directoryOption,
    ...fleetOptions,
    { name: "full", help: "All of the bodies, not only their beginning." },
    { name: "raw", help: "The lines of the records as they are in the trail." },
    {
      name: "body",
      value: "request|response",
      help: "The bytes of one body, for other programs.",
    },
    { name: "no-pager", help: "Never page." },
    ...trustOptions,
  ],
  notes:
    "<id> is an id, or its last digits (the column ref of audit query); then the youngest fits.\n" +
    "At the end stands what the log proves of the records: audit verify checks all of a trail.",
  examples: [
    ["es-proxy audit show 82dc3bc4", "The exchange whose id ends so."],
    ["es-proxy audit show 82dc3bc4 --body response | jq .hits.total", "Its answer, for jq."],
  ],
  async run(line) {
    const id = checkedId(name, line.operands[0] ?? "");
    const directory = line.value("dir") ?? "./audit";
    const side = sideOf(line.value("body"));
    const fleet = fleetOf(name, line, process.env);
    if (fleet !== undefined) return showOfFleet(fleet, id, side, line);
    const report = new ReadReport();
    const entry = await entryWithId(name, directory, id, report);
    report.print();
    if (entry === undefined) return exitCodes.failure;
    const tally = new ReadingTally();
    tally.add(entry);
    await recordReading(name, directory, tally);
    if (side !== undefined) return writeBody(directory, entry, side);
    const output = new Output(!line.isGiven("no-pager"));
    if (line.isGiven("raw")) await output.write(rawLines(entry));
    else {
      await output.write(await entryPage(directory, entry, output, line.isGiven("full")));
      const trust = trustOf(name, line, directory);
      const held = heldCheckpoints(name, line);
      await output.write(await proofSection(entry, { directory, trust, held }, output));
    }
    await output.end();
    return report.isIncomplete ? exitCodes.failure : exitCodes.ok;
  },
};

/** Bodies that were not shipped, and the proof, are where the trail is. */
function showOfFleet(
  fleet: FleetStream,
  id: string,
  side: BodySide | undefined,
  line: CommandLine,
): Promise<number> {
  return askFleet(name, fleet, async (client) => {
    const entry = await findInStream(client, fleet.dataStream, id);
    if (entry === undefined) {
      process.stderr.write(`es-proxy ${name}: nothing in ${fleet.dataStream} has the id ${id}\n`);
      return exitCodes.failure;
    }
    if (side !== undefined) return writeBody("", entry, side);
    const output = new Output(!line.isGiven("no-pager"));
    if (line.isGiven("raw")) await output.write(rawLines(entry));
    else await output.write(await entryPage("", entry, output, line.isGiven("full")));
    await output.end();
    return exitCodes.ok;
  });
}

function rawLines({ opening, closing }: TrailEntry): string {
  return [opening, closing]
    .map((record) => (record === undefined ? "" : `${record.bytes.toString("latin1")}\n`))
    .join("");
}

function sideOf(text: string | undefined): BodySide | undefined {
  if (text === undefined || text === "request" || text === "response") return text;
  throw new UsageError(name, `--body is request or response; got "${text}"`);
}

async function writeBody(directory: string, entry: TrailEntry, side: BodySide): Promise<number> {
  const body = recordedBody(entry, side);
  if (body.state !== "inline" && body.state !== "stored") {
    process.stderr.write(`es-proxy ${name}: the trail has no content of this body\n`);
    return exitCodes.failure;
  }
  try {
    for await (const piece of openRecordedBody(directory, body))
      if (Buffer.isBuffer(piece)) await written(piece);
    return exitCodes.ok;
  } catch (error) {
    process.stderr.write(`es-proxy ${name}: ${errorMessage(error)}\n`);
    return exitCodes.failure;
  }
}

function written(piece: Buffer): Promise<void> {
  return new Promise((resolve) => process.stdout.write(piece, () => resolve()));
}
