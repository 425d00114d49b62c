import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createSecureContext } from "node:tls";
import { readWholeFile, tooLargeFile } from "../core/read-file.ts";
import { notAFile } from "../core/regular-file.ts";
import { errorCode } from "../core/system-error.ts";
import { revocationLists } from "../net/revocation-lists.ts";

/** PEM files that belong together; those that are not given are not looked at. */
export interface TlsFiles {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
  readonly crl?: string | undefined;
}

/** What is wrong with one of the files. */
export interface TlsFileFinding {
  readonly of: keyof TlsFiles;
  readonly message: string;
  /** `warning`: it works or may work later, such as a certificate that is not valid today. */
  readonly severity: "error" | "warning";
}

/**
 * Checks that the files can be read, hold what they should, and that the key belongs to the
 * certificate.
 *
 * @param now milliseconds since the Unix epoch; certificates that are not valid then give warnings
 */
export function checkTlsFiles(files: TlsFiles, now: number): TlsFileFinding[] {
  const findings: TlsFileFinding[] = [];
  const report = (
    of: keyof TlsFiles,
    message: string,
    severity: "error" | "warning" = "error",
  ): void => {
    findings.push({ of, message, severity });
  };
  const certificates =
    files.cert === undefined ? undefined : readCertificates(files.cert, (m) => report("cert", m));
  const authorities =
    files.ca === undefined ? undefined : readCertificates(files.ca, (m) => report("ca", m));
  const key = files.key === undefined ? undefined : readKey(files.key, (m) => report("key", m));
  if (files.crl !== undefined) checkRevocations(files.crl, (m) => report("crl", m));
  const leaf = certificates?.[0];
  if (leaf !== undefined && key !== undefined && !leaf.checkPrivateKey(key))
    report("key", `the key ${files.key} does not belong to the certificate ${files.cert}`);
  if (leaf !== undefined) warnOfDates(leaf, files.cert, now, (m) => report("cert", m, "warning"));
  const validAuthorities = authorities?.filter((authority) => isValid(authority, now)) ?? [];
  if (authorities !== undefined && authorities.length > 0 && validAuthorities.length === 0)
    report("ca", `no certificate in ${files.ca} is valid today`, "warning");
  return findings;
}

/**
 * Why a file cannot be read, in words; never the text of the system's error, which names internal
 * calls.
 */
export function readFailure(error: unknown): string {
  const code = errorCode(error, "");
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of its path is not a folder",
    ELOOP: "too many symbolic links",
    EMFILE: "too many open files",
    EAGAIN: "nothing is there to read",
    [notAFile]: "it is no regular file",
    [tooLargeFile]: "it is larger than 16MiB",
  };
  return reasons[code] ?? (code === "" ? "it cannot be read" : code);
}

function readText(file: string, report: (message: string) => void): string | undefined {
  try {
    return readWholeFile(file).toString("latin1");
  } catch (error) {
    report(`${file} cannot be read: ${readFailure(error)}`);
    return undefined;
  }
}

function readCertificates(
  file: string,
  report: (message: string) => void,
): X509Certificate[] | undefined {
  const text = readText(file, report);
  if (text === undefined) return undefined;
  const blocks = text.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END [A-Z0-9 ]*CERTIFICATE-----/g,
  );
  if (blocks === null) {
    report(`${file} holds no PEM certificate`);
    return undefined;
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    report(`${file} holds a certificate that cannot be parsed`);
    return undefined;
  }
}

function readKey(file: string, report: (message: string) => void): KeyObject | undefined {
  const text = readText(file, report);
  if (text === undefined) return undefined;
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    report(`${file} is encrypted; keys with a passphrase are not supported`);
    return undefined;
  }
  try {
    return createPrivateKey(text);
  } catch {
    report(`${file} holds no PEM private key`);
    return undefined;
  }
}

function checkRevocations(file: string, report: (message: string) => void): void {
  const text = readText(file, report);
  if (text === undefined) return;
  const lists = revocationLists(text);
  if (lists.length === 0) report(`${file} holds no PEM list of revoked certificates`);
  try {
    createSecureContext({ crl: lists });
  } catch {
    report(`${file} holds a list of revoked certificates that cannot be parsed`);
  }
}

function warnOfDates(
  leaf: X509Certificate,
  file: string | undefined,
  now: number,
  report: (message: string) => void,
): void {
  if (now >= Date.parse(leaf.validTo))
    report(`the certificate ${file ?? ""} has expired (${leaf.validTo})`);
  else if (now < Date.parse(leaf.validFrom))
    report(`the certificate ${file ?? ""} is not valid before ${leaf.validFrom}`);
}

function isValid(certificate: X509Certificate, now: number): boolean {
  return now >= Date.parse(certificate.validFrom) && now < Date.parse(certificate.validTo);
}
