/** `es-proxy audit seal`. */
import { countText } from "../../core/count-text.ts";
import { listJournals } from "../../audit/read/catalog.ts";
import { sealJournals } from "../../audit/retention/sealing.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { changing } from "./removal-options.ts";
import { directoryOption } from "./selection-options.ts";

const name = "audit seal";

export const sealCommand: CommandSpec = {
  name,
  summary: "End the segments that are written to, so that they can be copied, or go, as a whole.",
  operands: [],
  options: [directoryOption],
  notes: [
    "Asks the proxy that writes the directory; where none does, this command ends the files.",
    "It returns when the log, if there is one, has followed them to their ends.",
  ].join("\n"),
  examples: [["es-proxy audit seal", "Then copy audit/audit-* and audit/tlog elsewhere."]],
  run(line) {
    const directory = line.value("dir") ?? "./audit";
    return changing(name, directory, async (sink) => {
      const journals = listJournals(directory);
      const ended = journals.flatMap(({ segments }) =>
        segments.filter(({ isSealed, size }) => !isSealed && size > 0),
      );
      if (ended.length > 0)
        await sink.record({ action: "audit.seal", type: "change", outcome: "success", fields: {} });
      await sealJournals(
        directory,
        journals.map(({ name: journal }) => journal),
        sink,
      );
      process.stdout.write(`${countText(ended.length, "segment")} ended\n`);
      return exitCodes.ok;
    });
  },
};
