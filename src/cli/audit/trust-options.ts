/** The options by which a command is told whose signatures count. */

import { readWholeFile } from "../../core/read-file.ts";
import type { HeldCheckpoint } from "../../audit/read/verify/verify-trail.ts";
import { heldAnchor } from "../../audit/read/verify/anchor.ts";
import { Trust } from "../../audit/read/verify/trust.ts";
import { errorCode } from "../../core/system-error.ts";
import { parsePolicy } from "../../tlog/policy-file.ts";
import { TlogError } from "../../tlog/tlog-error.ts";
import { VerifierKey } from "../../tlog/verifier-key.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

/** Whose signatures count, and what was kept elsewhere. */
export const trustOptions: readonly OptionSpec[] = [
  {
    name: "policy",
    value: "FILE",
    help: "Whose signatures count: a policy file (c2sp.org/tlog-policy).",
  },
  {
    name: "vkey",
    value: "VKEY",
    isRepeatable: true,
    help: "The same as a key of the log, or of a witness; may be given again.",
  },
  {
    name: "checkpoint",
    value: "FILE",
    isRepeatable: true,
    help: "A checkpoint that was kept elsewhere; may be given again.",
  },
];

/** @throws {UsageError} for files and keys that cannot be read */
export function trustOf(command: string, line: CommandLine, directory: string): Trust {
  const file = line.value("policy");
  const vkeys = line.values("vkey");
  if (file !== undefined && vkeys.length > 0)
    throw new UsageError(command, "--policy and --vkey exclude each other");
  if (file !== undefined) return policyTrust(command, file);
  if (vkeys.length === 0) return Trust.ofDirectory(directory);
  try {
    return Trust.ofKeys(vkeys.map((vkey) => VerifierKey.parse(vkey)));
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw new UsageError(command, `--vkey: ${error.message}`);
  }
}

/** @throws {UsageError} for files that cannot be read, or are no checkpoints */
export function heldCheckpoints(command: string, line: CommandLine): HeldCheckpoint[] {
  return line.values("checkpoint").map((name) => {
    const note = contentOf(command, "checkpoint", name);
    try {
      heldAnchor(note, name);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      throw new UsageError(command, `--checkpoint ${name} is no checkpoint: ${error.message}`);
    }
    return { name, note };
  });
}

function policyTrust(command: string, file: string): Trust {
  const read = parsePolicy(contentOf(command, "policy", file));
  if ("policy" in read) return Trust.ofPolicy(read.policy);
  for (const { line, column, message } of read.problems)
    process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
  throw new UsageError(command, `${file} is no policy`);
}

function contentOf(command: string, option: string, file: string): Buffer {
  try {
    return readWholeFile(file);
  } catch (error) {
    throw new UsageError(command, `--${option} ${file} cannot be read: ${errorCode(error)}`);
  }
}
