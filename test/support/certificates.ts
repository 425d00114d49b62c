import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from "@peculiar/x509";

/**
 * A certificate with its private key as PEM text, and as files once {@link writeIdentity} was
 * called.
 */
export interface Identity {
  readonly certPem: string;
  readonly keyPem: string;
  /** Colon-separated upper-case SHA-256 of the certificate, as Node prints it. */
  readonly fingerprint256: string;
}

/** A certificate authority of a test's own. */
export interface Authority extends Identity {
  /**
   * Issues a server certificate. @default for the DNS name `localhost` and the address 127.0.0.1,
   * valid now
   */
  server(options?: LeafOptions): Promise<Identity>;
  /** Issues a client certificate. */
  client(options?: LeafOptions): Promise<Identity>;
  /**
   * A list of certificates that it has revoked, PEM.
   *
   * @param isExpired the next one was due yesterday
   */
  revokes(revoked: readonly Identity[], isExpired?: boolean): Promise<string>;
}

/** What a leaf certificate says. */
export interface LeafOptions {
  /** Common name. @default "localhost" for servers, "client" for clients */
  readonly name?: string;
  /** DNS names and IPv4 addresses. @default localhost and 127.0.0.1 for servers */
  readonly altNames?: readonly string[];
  /** `true`: ended yesterday. @default false */
  readonly isExpired?: boolean;
}

/** Paths of an identity's files. */
export interface IdentityFiles {
  readonly cert: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;

/** Makes a certificate authority. Two calls give authorities that do not trust each other. */
export async function makeAuthority(name = "Test CA"): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(Date.now() - 30 * day),
    notAfter: new Date(Date.now() + 30 * day),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  const issuer = { name: certificate.subject, key: keys.privateKey };
  return {
    ...(await toIdentity(certificate, keys)),
    server: (options) =>
      issue(issuer, ExtendedKeyUsage.serverAuth, {
        altNames: ["localhost", "127.0.0.1"],
        ...options,
      }),
    client: (options) => issue(issuer, ExtendedKeyUsage.clientAuth, { name: "client", ...options }),
    revokes: async (revoked, isExpired = false) => {
      const list = await X509CrlGenerator.create({
        issuer: issuer.name,
        thisUpdate: new Date(Date.now() - 10 * day),
        nextUpdate: new Date(Date.now() + (isExpired ? -day : day)),
        entries: revoked.map(({ certPem }) => ({
          serialNumber: new X509Certificate(certPem).serialNumber,
          revocationDate: new Date(Date.now() - day),
        })),
        signingKey: issuer.key,
        signingAlgorithm: algorithm,
      });
      // The name of OpenSSL for it (RFC 7468 §6).
      return `${list.toString("pem").replaceAll(/(?<=BEGIN |END )CRL/g, "X509 CRL")}\n`;
    },
  };
}

/** A server certificate that is its own issuer, for localhost. */
export async function makeSelfSigned(options: LeafOptions = {}): Promise<Identity> {
  const keys = await makeKeys();
  const altNames = options.altNames ?? ["localhost", "127.0.0.1"];
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${options.name ?? "localhost"}`,
    keys,
    ...validity(options),
    signingAlgorithm: algorithm,
    extensions: leafExtensions(ExtendedKeyUsage.serverAuth, altNames),
  });
  return toIdentity(certificate, keys);
}

/**
 * Writes `NAME.pem` and `NAME.key` into a folder. Existing files are replaced by rename, the key
 * first, so that a reader never sees half a file.
 */
export async function writeIdentity(
  folder: string,
  name: string,
  identity: Identity,
): Promise<IdentityFiles> {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  await replace(files.key, identity.keyPem);
  await replace(files.cert, identity.certPem);
  return files;
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function issue(
  issuer: { readonly name: string; readonly key: webcrypto.CryptoKey },
  usage: ExtendedKeyUsage,
  options: LeafOptions,
): Promise<Identity> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${options.name ?? "localhost"}`,
    issuer: issuer.name,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    ...validity(options),
    signingAlgorithm: algorithm,
    extensions: leafExtensions(usage, options.altNames ?? []),
  });
  return toIdentity(certificate, keys);
}

function validity(options: LeafOptions): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now - 10 * day),
    notAfter: new Date(options.isExpired === true ? now - day : now + 10 * day),
  };
}

function leafExtensions(usage: ExtendedKeyUsage, altNames: readonly string[]) {
  const names = altNames.map((value) => ({
    type: /^[0-9.]+$/.test(value) ? ("ip" as const) : ("dns" as const),
    value,
  }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new ExtendedKeyUsageExtension([usage]),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ];
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function toIdentity(
  certificate: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<Identity> {
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString(
    "base64",
  );
  const digest = Buffer.from(await certificate.getThumbprint("SHA-256"))
    .toString("hex")
    .toUpperCase();
  return {
    certPem: `${certificate.toString("pem")}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
    fingerprint256: digest.replace(/..(?=.)/g, "$&:"),
  };
}
