/** Reads the configuration file of a witness. */
import { join } from "node:path";

import type { WitnessLogOptions, WitnessOptions } from "../witness/witness-options.ts";
import { Assembler } from "./assemble.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { checkTlsFiles } from "./tls-files.ts";
import { witnessSchema } from "./witness-schema.ts";
import type { WitnessSection } from "./witness-schema.ts";
import { firstDiagnostics, readYamlFile } from "./yaml-file.ts";
import type { YamlFileOptions } from "./yaml-file.ts";
import { schemaIssuesOf } from "./zod-messages.ts";
import type { SchemaIssue } from "./zod-messages.ts";

/** A configuration that may be run, or all the reasons why not, in the order of the file. */
export type LoadWitnessResult =
  | { readonly options: WitnessOptions; readonly warnings: readonly Diagnostic[] }
  | { readonly problems: readonly Diagnostic[] };

/** Signature types by what the file calls them. */
const keyTypes = { ed25519: "ed25519-cosignature", "ml-dsa-44": "ml-dsa-44-cosignature" } as const;

/**
 * Reads, checks and completes the file. No port is bound and nothing is written.
 *
 * @param file shown in problems as it is given here; `-`: standard input
 * @param options `now`: milliseconds since the epoch, for the dates of certificates
 */
export function loadWitnessConfig(
  file: string,
  options: YamlFileOptions & { readonly now?: number } = {},
): LoadWitnessResult {
  const yaml = readYamlFile(file, Object.keys(witnessSchema.shape), options);
  if ("problems" in yaml) return yaml;
  const { raw, places, syntax } = yaml;
  const toDiagnostic = ({ path, message, at }: SchemaIssue): Diagnostic =>
    places.problem(path, message, at);
  const parsed = witnessSchema.safeParse(raw);
  if (!parsed.success) {
    const issues = schemaIssuesOf(parsed.error, witnessSchema, raw);
    return { problems: firstDiagnostics(file, [...syntax, ...issues.map(toDiagnostic)]) };
  }
  const assembler = new Assembler(file);
  const tls = checkTls(parsed.data, assembler, options.now ?? Date.now());
  const errors = [...checkLogs(parsed.data), ...checkKeys(parsed.data), ...tls.errors];
  if (syntax.length + errors.length > 0)
    return { problems: firstDiagnostics(file, [...syntax, ...errors.map(toDiagnostic)]) };
  return {
    options: assemble(parsed.data, assembler),
    warnings: sortDiagnostics(tls.warnings.map(toDiagnostic)),
  };
}

function assemble(section: WitnessSection, assembler: Assembler): WitnessOptions {
  const directory = assembler.file(section.directory);
  return {
    name: section.name,
    bind: section.bind,
    tls: assembler.listenerTls(section.tls),
    directory,
    keys: section.keys.map(({ type, file }) => ({
      type: keyTypes[type],
      file: file === undefined ? join(directory, `${type}.key`) : assembler.file(file),
    })),
    logs: section.logs.map(logOf),
  };
}

function logOf({ vkey, origin }: WitnessSection["logs"][number]): WitnessLogOptions {
  return { origin: origin ?? vkey[0]?.name ?? "", keys: vkey };
}

function checkLogs({ logs }: WitnessSection): SchemaIssue[] {
  const origins = new Set<string>();
  return logs.flatMap((log, index): SchemaIssue[] => {
    const path = ["logs", index, log.origin === undefined ? "vkey" : "origin"];
    const names = new Set(log.vkey.map(({ name }) => name));
    if (log.vkey.length === 0)
      return [{ path, at: "value", message: "is empty: at least one key is needed" }];
    if (log.origin === undefined && names.size > 1)
      return [{ path, at: "value", message: "the keys have different names: origin is missing" }];
    const { origin } = logOf(log);
    if (origins.has(origin))
      return [{ path, at: "value", message: `the log ${origin} is listed already` }];
    origins.add(origin);
    return [];
  });
}

function checkKeys({ keys }: WitnessSection): SchemaIssue[] {
  return keys.flatMap(({ type }, index): SchemaIssue[] =>
    keys.findIndex((other) => other.type === type) === index
      ? []
      : [{ path: ["keys", index, "type"], at: "value", message: `there is a second ${type} key` }],
  );
}

function checkTls(
  { tls }: WitnessSection,
  assembler: Assembler,
  now: number,
): { errors: SchemaIssue[]; warnings: SchemaIssue[] } {
  const found = { errors: [] as SchemaIssue[], warnings: [] as SchemaIssue[] };
  if (tls === undefined) return found;
  const files = assembler.listenerTls(tls);
  const [cert, key] = [files?.certFile, files?.keyFile];
  const [ca, crl] = [files?.clientCaFile, files?.clientCrlFile];
  for (const { of, message, severity } of checkTlsFiles({ cert, key, ca, crl }, now)) {
    const path = ["tls", of === "ca" || of === "crl" ? `client_${of}` : of];
    found[severity === "error" ? "errors" : "warnings"].push({ path, at: "value", message });
  }
  return found;
}
