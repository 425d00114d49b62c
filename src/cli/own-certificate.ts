/** Makes the self-signed certificate of a listener that was given none. */
import { webcrypto, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { isIP } from "node:net";
import { join } from "node:path";
import { readWholeFile } from "../core/read-file.ts";

const day = 86_400_000;
/** The longest life that Apple's platforms accept of a server certificate: 825 days. */
const lifeMs = 825 * day;
/** One that ends within this time is made anew at the next start. */
const marginMs = 30 * day;
/** A clock that is a little slow must not find it not yet valid. */
const backdatedMs = day;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/**
 * The certificate and key in `folder`, made where they are absent, about to end, or not for this
 * host. The key is readable by its owner only and is written first, each by rename: two processes
 * that start together leave a pair that belongs together or make it anew.
 *
 * @param localHost a host name or an address, beside `localhost` and this machine's name
 * @throws {Error} of the file system
 */
export async function makeIdentity(
  folder: string,
  localHost: string,
): Promise<{ readonly certFile: string; readonly keyFile: string; fingerprint256: string }> {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const known = readUsable(files, localHost);
  if (known !== undefined) return { ...files, fingerprint256: known };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = await certificateFor(namesOf(localHost));
  replace(files.keyFile, made.keyPem);
  replace(files.certFile, made.certPem);
  return { ...files, fingerprint256: new X509Certificate(made.certPem).fingerprint256 };
}

function readUsable(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  localHost: string,
): string | undefined {
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined;
  try {
    const certificate = new X509Certificate(readWholeFile(certFile));
    const isForThisHost = namesOf(localHost).every((name) =>
      isIP(name) === 0
        ? certificate.checkHost(name) !== undefined
        : certificate.checkIP(name) !== undefined,
    );
    const isLasting = Date.parse(certificate.validTo) - Date.now() > marginMs;
    return isForThisHost && isLasting ? certificate.fingerprint256 : undefined;
  } catch {
    return undefined;
  }
}

/** Names under which clients may reach the listener. */
function namesOf(localHost: string): string[] {
  const isEveryAddress = localHost === "0.0.0.0" || localHost === "::";
  const names = ["localhost", hostname(), "127.0.0.1", "::1"];
  return [...new Set(isEveryAddress ? names : [...names, localHost])];
}

async function certificateFor(
  names: readonly string[],
): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  // The library's container of dependencies needs it; both are loaded only when one is made.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=es-proxy",
    keys,
    notBefore: new Date(now - backdatedMs),
    notAfter: new Date(now - backdatedMs + lifeMs),
    signingAlgorithm: algorithm,
    extensions: [
      // Clients that trust it as an authority accept it only when it is marked as one (RFC 5280
      // §4.2.1.9).
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({
          type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
          value,
        })),
      ),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const base64 = pkcs8.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return {
    certPem: `${certificate.toString("pem")}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`,
  };
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
