/** `es-proxy audit evidence`. */
import { existsSync } from "node:fs";

import { gatherEvidence } from "../../audit/export/evidence/evidence.ts";
import { writeEvidenceZip } from "../../audit/export/evidence/evidence-zip.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { errorMessage } from "../../core/system-error.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { ReadingTally, recordReading } from "./recorded-reading.ts";
import { directoryOption } from "./selection-options.ts";
import { heldCheckpoints, trustOf, trustOptions } from "./trust-options.ts";

const name = "audit evidence";

export const evidenceCommand: CommandSpec = {
  name,
  summary: "Pack exchanges with what proves them, to be checked without this program.",
  operands: ["ID"],
  repeatsOperand: true,
  options: [
    directoryOption,
    { name: "out", short: "o", value: "FILE", help: "The archive; default: evidence-ID.zip." },
    ...trustOptions,
  ],
  notes: [
    "The archive is a zip file: the lines of the records, their bodies, the proof of each record",
    "(c2sp.org/tlog-proof) with checkpoint and cosignatures, keys, a policy, and a page that says",
    "in plain words how to check all of it with sha256sum, Python and openssl, without a network.",
    "",
    "It is made only when everything in it is as it was signed. A record that no checkpoint",
    "contains yet cannot be proven: wait for the next one.",
  ].join("\n"),
  examples: [
    ["es-proxy audit evidence 82dc3bc4", "One exchange, in evidence-82dc3bc4.zip."],
    ["es-proxy audit evidence 82dc3bc4 c2d3e914 -o case-17.zip", "Two."],
  ],
  async run(line) {
    const directory = line.value("dir") ?? "./audit";
    const out = line.value("out") ?? `evidence-${line.operands[0]?.slice(-8) ?? ""}.zip`;
    if (existsSync(out)) throw new UsageError(name, `${out} exists; --out names another file`);
    const trust = trustOf(name, line, directory);
    const held = heldCheckpoints(name, line);
    try {
      const evidence = await gatherEvidence(line.operands, { directory, trust, held, jobs: 1 });
      if ("problems" in evidence) return failed(evidence.problems);
      const tally = new ReadingTally();
      for (const entry of evidence.entries) tally.add(entry);
      await recordReading(name, directory, tally);
      await writeEvidenceZip(out, evidence.files, new Date());
      process.stdout.write(`${out}: ${evidence.entries.map(({ id }) => id).join(", ")}\n`);
      return exitCodes.ok;
    } catch (error) {
      if (error instanceof CatalogError) return failed([error.message]);
      return failed([`${out} cannot be written: ${errorMessage(error)}`]);
    }
  },
};

function failed(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`es-proxy ${name}: ${toOneLine(problem)}\n`);
  return exitCodes.failure;
}
