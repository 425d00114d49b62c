/** `es-proxy audit verify`. */
import { availableParallelism } from "node:os";

import { CatalogError } from "../../audit/read/catalog.ts";
import type { Trust } from "../../audit/read/verify/trust.ts";
import { proveEntry, proveSegment } from "../../audit/read/verify/verify-part.ts";
import {
  verifyTrail,
  type Verification,
  type VerifyOptions,
} from "../../audit/read/verify/verify-trail.ts";
import type { CommandLine, CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { wholeNumber } from "./option-values.ts";
import { Progress } from "./progress.ts";
import { directoryOption } from "./selection-options.ts";
import { heldCheckpoints, trustOf, trustOptions } from "./trust-options.ts";
import { entryJson, entryText, segmentJson, segmentText } from "./verify-part-report.ts";
import { verificationJson, verificationText } from "./verify-report.ts";

const name = "audit verify";

/** `es-proxy audit verify`. */
export const verifyCommand: CommandSpec = {
  name,
  summary: "Check that no record was changed, removed, inserted or cut since it was written.",
  operands: [],
  options: [
    directoryOption,
    { name: "segment", value: "NAME", help: "This segment only, by the name of its file." },
    { name: "id", value: "ID", help: "This exchange only; a part of its id is enough." },
    ...trustOptions,
    { name: "jobs", short: "j", value: "N", help: "Threads, or auto for all cores; default: 1." },
    { name: "json", help: "The result for programs." },
  ],
  notes: [
    "Every record is held against the log, the log against its checkpoints, and every body",
    "against the hash in its record. The first bad record is named, with what happened to it.",
    "Without --policy or --vkey the keys are those that lie in the directory, which whoever",
    "changed it could have replaced. What was cut behind the newest checkpoint that somebody else",
    "holds cannot be found; the result says how much that may be.",
    "",
    "Exit codes: 0 as it was signed; 1 something is not, or cannot be read; 2 usage.",
  ].join("\n"),
  examples: [
    ["es-proxy audit verify --policy policy.txt", "Against keys that you were given."],
    ["es-proxy audit verify --dir /mnt/copy --checkpoint friday.txt -j auto", "A copy."],
    ["es-proxy audit verify --id 82dc3bc4", "One exchange."],
  ],
  async run(line) {
    if (line.isGiven("segment") && line.isGiven("id"))
      throw new UsageError(name, "--segment and --id exclude each other");
    const directory = line.value("dir") ?? "./audit";
    const trust = trustOf(name, line, directory);
    const held = heldCheckpoints(name, line);
    const progress = new Progress();
    const onProgress = (done: number, total: number): void => progress.update(done, total, 0);
    const options = { directory, trust, held, jobs: jobsOf(line), onProgress };
    try {
      return await verify(line, options, trust, progress);
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
      return exitCodes.failure;
    } finally {
      progress.end();
    }
  },
};

async function verify(
  line: CommandLine,
  options: VerifyOptions,
  trust: Trust,
  progress: Progress,
): Promise<number> {
  const isJson = line.isGiven("json");
  const print = (text: string, exitCode: number): number => {
    progress.end();
    process.stdout.write(text);
    return exitCode;
  };
  const segment = line.value("segment");
  const id = line.value("id");
  if (segment !== undefined) {
    const proven = await proveSegment(segment, options);
    if (proven !== undefined)
      return print(isJson ? segmentJson(proven) : segmentText(proven), exitCodes.ok);
  }
  if (id !== undefined) {
    const proven = await proveEntry(id, options);
    if (proven === undefined) throw new CatalogError(`there is no record with the id ${id}`);
    if ("entry" in proven)
      return print(isJson ? entryJson(proven) : entryText(proven), exitCodes.ok);
    for (const problem of proven) process.stderr.write(`${problem}\n`);
  }
  const found = await verifyTrail(options);
  const wanted = wantedOf(found, segment, id);
  const exitCode = wanted.findings.length === 0 ? exitCodes.ok : exitCodes.failure;
  const text = isJson ? verificationJson : verificationText;
  return print(text(wanted, trust.source), exitCode);
}

/**
 * Of a part that could not be proven by itself, what the whole directory says about it. Where that
 * names nothing within the part, all findings are told: something else may have damaged it.
 */
function wantedOf(
  found: Verification,
  segment: string | undefined,
  id: string | undefined,
): Verification {
  const inPart = found.findings.filter(
    (finding) =>
      (segment !== undefined && finding.segment === segment) ||
      (id !== undefined && finding.id?.includes(id.toLowerCase()) === true),
  );
  return inPart.length === 0 ? found : { ...found, findings: inPart };
}

function jobsOf(line: CommandLine): number {
  const jobs = line.value("jobs");
  if (jobs === undefined) return 1;
  if (jobs === "auto") return availableParallelism();
  return Math.min(wholeNumber(name, "jobs", jobs, 1), 256);
}
