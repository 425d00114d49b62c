/** Keys with fixed seeds, so that signatures are the same in every run. */
import { generateKeyPairSync } from "node:crypto";

import type { SignatureType } from "../../src/tlog/signature-type.ts";
import { SigningKey } from "../../src/tlog/signing-key.ts";

/** An Ed25519 key whose seed is 32 times this byte. */
export function seededKey(name: string, seed: number, type: SignatureType = "ed25519"): SigningKey {
  const der = Buffer.from(
    `302e020100300506032b657004220420${Buffer.alloc(32, seed).toString("hex")}`,
    "hex",
  );
  return SigningKey.parse(pem(der), name, type);
}

/** An ML-DSA-44 key whose seed is 32 times this byte. */
export function seededMlDsaKey(name: string, seed: number): SigningKey {
  const prefix = "3034020100300b060960864801650304031104228020";
  const der = Buffer.from(`${prefix}${Buffer.alloc(32, seed).toString("hex")}`, "hex");
  return SigningKey.parse(pem(der), name, "ml-dsa-44-cosignature");
}

/** PEM of a kind of key that nothing here can use. */
export function foreignPem(): string {
  const { privateKey } = generateKeyPairSync("x25519");
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function pem(der: Buffer): string {
  return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}
