/** `es-proxy audit prune`. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { choosePruned, prune } from "../../audit/retention/prune.ts";
import { listUnits } from "../../audit/retention/segment-unit.ts";
import { tlogFolder } from "../../audit/store/tlog-files.ts";
import { parseDuration, parseSize } from "../../config/units.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { sizeText } from "./cell.ts";
import { changing, dryRunOption } from "./removal-options.ts";
import { directoryOption } from "./selection-options.ts";

const name = "audit prune";

export const pruneCommand: CommandSpec = {
  name,
  summary: "Remove full segments by age and size, with a record that says so.",
  operands: [],
  options: [
    directoryOption,
    { name: "older-than", value: "TIME", help: "Since their last record, such as 90d." },
    { name: "max-size", value: "SIZE", help: "The oldest ones, while all take more than this." },
    dryRunOption,
  ],
  notes: [
    "What audit.retain does by itself. Segments that are written to, that the log has not",
    "followed, and of which anything is held stay. The log keeps its tiles: what is left stays",
    "provable.",
  ].join("\n"),
  examples: [["es-proxy audit prune --older-than 90d --dry-run", "What would go."]],
  async run(line) {
    const directory = line.value("dir") ?? "./audit";
    const retain = {
      forMs: quantity(line.value("older-than"), "older-than", parseDuration),
      sizeBytes: quantity(line.value("max-size"), "max-size", parseSize),
    };
    if (!Number.isFinite(retain.forMs) && !Number.isFinite(retain.sizeBytes))
      throw new UsageError(name, "--older-than TIME or --max-size SIZE is missing");
    const now = Date.now();
    if (line.isGiven("dry-run")) {
      for (const { unit, reason } of choosePruned(listUnits(directory), retain, now))
        process.stdout.write(`${unit.name} ${sizeText(unit.bytes)} ${reason}\n`);
      return exitCodes.ok;
    }
    return changing(name, directory, async (sink) => {
      const needs = { proof: existsSync(join(directory, tlogFolder)), facts: false };
      const result = await prune(directory, retain, needs, now, ({ action, outcome, fields }) =>
        sink.record({ action, type: "deletion", outcome, fields }),
      );
      for (const { unit, reason } of result.pruned)
        process.stdout.write(`${unit.name} was pruned (${reason})\n`);
      for (const { unit } of result.held)
        process.stdout.write(`${unit.name} stays: something in it is held\n`);
      return exitCodes.ok;
    });
  },
};

function quantity(
  text: string | undefined,
  option: string,
  read: (text: string) => number | undefined,
): number {
  if (text === undefined) return Infinity;
  const value = read(text);
  if (value !== undefined) return value;
  throw new UsageError(name, `--${option} is a quantity with its unit, such as 90d or 500GiB`);
}
