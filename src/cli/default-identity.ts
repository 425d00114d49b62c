/** Certificate and key of the short form's listener when none are given. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { ProxyError } from "../core/errors.ts";
import { errorCode } from "../core/system-error.ts";
import { makeIdentity } from "./own-certificate.ts";

/** A certificate and its private key, PEM. */
export interface IdentityFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Where an identity was found, or made. */
export interface DefaultIdentity extends IdentityFiles {
  /** One line for the operator: which files are used, and how clients come to trust them. */
  readonly message: string;
}

/**
 * Files that are used where both exist, in this order: this program's own place, then the
 * ancestor's.
 */
const places: readonly IdentityFiles[] = [
  { certFile: "/etc/es-proxy/tls/cert.pem", keyFile: "/etc/es-proxy/tls/key.pem" },
  {
    certFile: "/usr/local/tls/cert_wildcard.pem",
    keyFile: "/usr/local/tls/keys/cert_wildcard_key.pem",
  },
];

/**
 * Finds the files of a listener for which none were named, or makes a certificate for this host
 * once and keeps it.
 *
 * @param localHost what the listener binds; one of the names in a certificate that is made
 * @throws {ProxyError} ESP_ERR_TLS_FILE when one has to be made and cannot be kept
 */
export async function defaultIdentity(
  localHost: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DefaultIdentity> {
  for (const place of places)
    if (existsSync(place.certFile) && existsSync(place.keyFile))
      return { ...place, message: `TLS certificate ${place.certFile}` };
  const folder = stateFolder(environment);
  try {
    const { fingerprint256, ...files } = await makeIdentity(folder, localHost);
    const message =
      `TLS certificate ${files.certFile}, made for this host; SHA-256 ${fingerprint256}. ` +
      `Clients trust it with curl --cacert ${files.certFile}, or by the fingerprint`;
    return { ...files, message };
  } catch (cause) {
    const code = errorCode(cause, "unknown failure");
    throw new ProxyError(
      "ESP_ERR_TLS_FILE",
      `no certificate was given, and one cannot be kept in ${folder}: ${code}; ` +
        "name one with --cert and --key, or speak plain HTTP with --no-tls",
      { cause },
    );
  }
}

/** XDG Base Directory Specification: `$XDG_STATE_HOME`; for root the system's own place. */
function stateFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const named = environment["XDG_STATE_HOME"];
  if (named !== undefined && named.startsWith("/")) return join(named, "es-proxy");
  if (process.getuid?.() === 0) return "/var/lib/es-proxy";
  return join(homedir(), ".local/state/es-proxy");
}
