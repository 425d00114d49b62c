import { accessSync, constants, statSync } from "node:fs";

import { readWholeFile } from "../core/read-file.ts";
import type { Assembler } from "./assemble.ts";
import type { Sections } from "./cross-checks.ts";
import type { SchemaIssue } from "./zod-messages.ts";
import type { Path } from "./source-locations.ts";
import type { AdminSection, AuditSection } from "./schema.ts";
import { checkTlsFiles, readFailure } from "./tls-files.ts";
import type { TlsFiles } from "./tls-files.ts";

/**
 * The result of reading the files that a configuration names: errors refuse it, warnings are only
 * printed.
 */
export interface FileFindings {
  readonly errors: SchemaIssue[];
  readonly warnings: SchemaIssue[];
}

/** Opens every file that the configuration names, and changes none. */
export function checkFiles(
  sections: Sections,
  audit: AuditSection | undefined,
  assembler: Assembler,
  now: number,
): FileFindings {
  const findings: FileFindings = { errors: [], warnings: [] };
  const tls = (
    path: Path,
    files: TlsFiles,
    keys: Readonly<Record<keyof TlsFiles, string>>,
  ): void => {
    const absolute = {
      cert: files.cert === undefined ? undefined : assembler.file(files.cert),
      key: files.key === undefined ? undefined : assembler.file(files.key),
      ca: files.ca === undefined ? undefined : assembler.file(files.ca),
      crl: files.crl === undefined ? undefined : assembler.file(files.crl),
    };
    for (const { of, message, severity } of checkTlsFiles(absolute, now))
      findings[severity === "error" ? "errors" : "warnings"].push({
        path: [...path, keys[of]],
        at: "value",
        message,
      });
  };
  const readable = (path: Path, name: string | undefined): void => {
    const message = name === undefined ? undefined : unreadable(assembler.file(name));
    if (message !== undefined) findings.errors.push({ path, at: "value", message });
  };
  const towardsClients = { cert: "cert", key: "key", ca: "client_ca", crl: "client_crl" };
  const filesOf = (section: NonNullable<AdminSection["tls"]>): TlsFiles => ({
    ...section,
    ca: section.client_ca,
    crl: section.client_crl,
  });
  for (const { index, section } of sections.listeners) {
    const path = ["listeners", index, "tls"];
    if (section.tls !== undefined) tls(path, filesOf(section.tls), towardsClients);
    if (section.protocol === "tcp") readable(["listeners", index, "router"], section.router);
  }
  for (const { name, section } of sections.pools) {
    tls(["pools", name, "tls"], section.tls, { cert: "cert", key: "key", ca: "ca", crl: "" });
    if (!section.tls.verify)
      findings.warnings.push({
        path: ["pools", name, "tls", "verify"],
        at: "value",
        message: "certificates of this pool are not verified",
      });
    readable(["pools", name, "health", "authorization_file"], section.health?.authorization_file);
  }
  for (const key of ["admin", "explorer"] as const) {
    const section = sections[key];
    if (section?.tls !== undefined) tls([key, "tls"], filesOf(section.tls), towardsClients);
    readable([key, "token_file"], section?.token_file);
  }
  readable(["explorer", "identity_file"], sections.explorer?.identity_file);
  readable(["audit", "hmac_key_file"], audit?.hmac_key_file);
  for (const [at, { api_key_file: key, ca }] of (audit?.ship ?? []).entries()) {
    readable(["audit", "ship", at, "api_key_file"], key);
    readable(["audit", "ship", at, "ca"], ca);
  }
  const { authorization_file: credentials } = audit?.coverage ?? {};
  readable(["audit", "coverage", "authorization_file"], credentials);
  const folder =
    audit === undefined || audit.directory === "-" ? undefined : assembler.file(audit.directory);
  const message = folder === undefined ? undefined : unusableFolder(folder);
  if (message !== undefined)
    findings.errors.push({ path: ["audit", "directory"], at: "value", message });
  return findings;
}

function unreadable(file: string): string | undefined {
  try {
    readWholeFile(file);
    return undefined;
  } catch (error) {
    return `${file} cannot be read: ${readFailure(error)}`;
  }
}

/**
 * A folder that does not exist is made at start; one that exists has to be a folder that can be
 * written to.
 */
function unusableFolder(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return `${folder} is not a folder`;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return `${folder} cannot be written to`;
  }
}
