/** Certificates of timestamp authorities, right and wrong ones. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate with its key. */
export interface AuthorityIdentity {
  readonly certPem: string;
  readonly keyPem: string;
  /** Authorities above it, the nearest first; the last one is its own issuer. */
  readonly chainPem: readonly string[];
}

export interface IdentityOptions {
  readonly keys?: "ec" | "rsa" | "ed25519";
  /** @default timestamps alone, critical */
  readonly usages?: readonly ("timeStamping" | "serverAuth")[];
  readonly isCritical?: boolean;
  /** Days from now. @default −10 and 10 */
  readonly fromDays?: number;
  readonly toDays?: number;
  /** An authority between the root and the signer. @default false */
  readonly hasIntermediate?: boolean;
  /** The certificate above may issue others. @default true */
  readonly isIssuerAuthority?: boolean;
}

const algorithms = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
  ed25519: { name: "Ed25519" },
} as const;
const day = 86_400_000;

interface Issuer {
  readonly name: string;
  readonly pem: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** Makes a root, maybe an authority below it, and a certificate that signs timestamps. */
export async function makeAuthorityIdentity(
  options: IdentityOptions = {},
): Promise<AuthorityIdentity> {
  const kind = options.keys ?? "ec";
  const root = await makeIssuer(kind, undefined, options);
  const issuer = options.hasIntermediate === true ? await makeIssuer(kind, root, options) : root;
  const keys = await makeKeys(kind);
  const usages = (options.usages ?? ["timeStamping"]).map((usage) => ExtendedKeyUsage[usage]);
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=Timestamps",
    issuer: issuer.name,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    notBefore: new Date(Date.now() + (options.fromDays ?? -10) * day),
    notAfter: new Date(Date.now() + (options.toDays ?? 10) * day),
    signingAlgorithm: algorithms[kind],
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      ...(usages.length === 0
        ? []
        : [new ExtendedKeyUsageExtension(usages, options.isCritical ?? true)]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  return {
    certPem: `${certificate.toString("pem")}\n`,
    keyPem: `-----BEGIN PRIVATE KEY-----\n${key.toString("base64")}\n-----END PRIVATE KEY-----\n`,
    chainPem: issuer === root ? [root.pem] : [issuer.pem, root.pem],
  };
}

async function makeIssuer(
  kind: keyof typeof algorithms,
  above: Issuer | undefined,
  options: IdentityOptions,
): Promise<Issuer> {
  const keys = await makeKeys(kind);
  const name = above === undefined ? "CN=Root" : "CN=Between";
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: above?.name ?? name,
    publicKey: keys.publicKey,
    signingKey: (above?.keys ?? keys).privateKey,
    notBefore: new Date(Date.now() - 1000 * day),
    notAfter: new Date(Date.now() + 1000 * day),
    signingAlgorithm: algorithms[kind],
    extensions: [new BasicConstraintsExtension(options.isIssuerAuthority ?? true, undefined, true)],
  });
  return { name, pem: `${certificate.toString("pem")}\n`, keys };
}

async function makeKeys(kind: keyof typeof algorithms): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithms[kind], true, ["sign", "verify"]);
  return keys as webcrypto.CryptoKeyPair;
}
