import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findProgram } from "./peers/programs.ts";

/** Why no certificate can be made here, or `undefined`. */
export function certificateProblem(): string | undefined {
  return findProgram("openssl") === undefined
    ? "openssl, which makes the certificate, is not on PATH"
    : undefined;
}

/**
 * Writes a certificate for 127.0.0.1 and its key (ECDSA P-256, valid for a day) as PEM files into
 * `directory`.
 *
 * @throws {Error} with what openssl said when it fails.
 */
export function writeCertificate(directory: string): { certificate: string; privateKey: string } {
  const certificate = join(directory, "cert.pem");
  const privateKey = join(directory, "key.pem");
  const kind = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "1",
  ];
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = spawnSync(
    findProgram("openssl") ?? "openssl",
    [...kind, ...names, "-keyout", privateKey, "-out", certificate],
    {
      encoding: "utf8",
    },
  );
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  return { certificate, privateKey };
}
