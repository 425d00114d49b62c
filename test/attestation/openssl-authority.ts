/** A timestamp authority that `openssl ts` is. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

import type { TempDir } from "../support/temp-dir.ts";
import type { AuthorityIdentity } from "./authority-identity.ts";

/** Why there is none; `false`: there is. */
export const opensslMissing: string | false =
  spawnSync("openssl", ["version"]).status === 0
    ? false
    : "the openssl program is not on PATH. It is part of the machine, and no package of this " +
      "project can install it; without it only tokens of our own making are checked in this run";

/** Answers requests with the files in a folder. */
export class OpensslAuthority {
  readonly #folder: TempDir;

  /** @param digest of the signature, such as `sha256` */
  constructor(folder: TempDir, identity: AuthorityIdentity, digest = "sha256") {
    this.#folder = folder;
    writeFileSync(folder.file("tsa.pem"), identity.certPem);
    writeFileSync(folder.file("tsa.key"), identity.keyPem);
    writeFileSync(folder.file("chain.pem"), identity.chainPem.slice(0, -1).join(""));
    writeFileSync(folder.file("root.pem"), identity.chainPem.at(-1) ?? "");
    writeFileSync(folder.file("serial"), "01");
    writeFileSync(
      folder.file("ts.cnf"),
      `[tsa]
default_tsa = config
[config]
serial = ${folder.file("serial")}
signer_cert = ${folder.file("tsa.pem")}
signer_key = ${folder.file("tsa.key")}
${identity.chainPem.length > 1 ? `certs = ${folder.file("chain.pem")}` : ""}
signer_digest = ${digest}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
`,
    );
  }

  /** DER of the answer to a request. */
  answer(request: Uint8Array): Buffer {
    writeFileSync(this.#folder.file("q.tsq"), request);
    const args = ["ts", "-reply", "-queryfile", this.#folder.file("q.tsq")];
    const result = spawnSync("openssl", [...args, "-config", this.#folder.file("ts.cnf")]);
    if (result.status !== 0)
      throw new Error(`openssl ts -reply failed: ${result.stderr.toString()}`);
    return result.stdout;
  }

  /** True when openssl itself accepts a token for a hash. */
  accepts(token: Uint8Array, imprint: Uint8Array): boolean {
    writeFileSync(this.#folder.file("token.der"), token);
    const input = ["-token_in", "-in", this.#folder.file("token.der")];
    const result = spawnSync("openssl", [
      "ts",
      "-verify",
      "-digest",
      Buffer.from(imprint).toString("hex"),
      ...input,
      "-CAfile",
      this.#folder.file("root.pem"),
    ]);
    return result.status === 0;
  }
}
