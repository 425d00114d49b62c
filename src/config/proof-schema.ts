/** `audit.proof`: the transparency log of the trail. */
import { z } from "zod";

import { defaults } from "./defaults.ts";
import { count, durationOr, file, oneOrMore, vkey } from "./scalar-schemas.ts";

/** A name that keys can have: no white space, no plus sign (c2sp.org/signed-note). */
const originPattern = /^[^\s+]{1,200}$/u;

const witness = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: () => "expected an http or https URL" })
      .describe("Its submission prefix; /add-checkpoint is put behind it."),
    vkey: oneOrMore(vkey).describe("Its public key, or several; one of them must have signed."),
    every: count(1, 100_000)
      .default(defaults.proof.witnessEvery)
      .describe("Every n-th checkpoint is posted."),
  })
  .describe("A witness that cosigns checkpoints (c2sp.org/tlog-witness).");

/** The `proof` section of `audit`. */
export const proofSchema = z
  .strictObject({
    origin: z
      .string()
      .regex(originPattern, {
        error: () => "an origin is a URL without its scheme, such as es-proxy.example.com/prod",
      })
      .describe("Name of the log, unique in the world: a URL without scheme that is yours."),
    key_file: file
      .optional()
      .describe(
        "Private Ed25519 key, PKCS#8 PEM. Made at the first start. Default: `proof.key` in " +
          "the folder of the journal.",
      ),
    post_quantum: z
      .boolean()
      .default(defaults.proof.postQuantum)
      .describe("Sign with ML-DSA-44 as well; its key lies beside the other one."),
    checkpoint_every: durationOr(defaults.proof.checkpointMs).describe(
      "Between two signed checkpoints; also one at a stop.",
    ),
    witnesses: z.array(witness).default([]).describe("Who cosigns checkpoints. Default: nobody."),
  })
  .describe(
    "Makes the trail provable: each journal is a transparency log (RFC 6962, C2SP) whose " +
      "checkpoints are signed. Absent: no log is kept.",
  );
