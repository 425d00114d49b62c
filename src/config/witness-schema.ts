/** What may stand in the configuration file of a witness (`es-proxy witness`). */
import { z } from "zod";

import { isKeyName } from "../tlog/verifier-key.ts";
import { address, file, oneOrMore, shown, vkey } from "./scalar-schemas.ts";
import { listenerTls } from "./tls-schema.ts";

const keyName = z
  .string({ error: (issue) => `expected a name, got ${shown(issue.input)}` })
  .refine(isKeyName, "a name of a key has neither blanks nor plus signs, as in witness.example/w1");

const key = z
  .strictObject({
    type: z
      .enum(["ed25519", "ml-dsa-44"])
      .describe("`ed25519` is what every log understands; `ml-dsa-44` survives quantum computers."),
    file: file
      .optional()
      .describe("Private key, PKCS#8 PEM; made when absent. Default: TYPE.key in `directory`."),
  })
  .describe("A key that the witness signs with.");

const log = z
  .strictObject({
    vkey: oneOrMore(vkey, 0).describe("Public key of the log, or a list of keys: one must sign."),
    origin: z
      .string({ error: (issue) => `expected an origin, got ${shown(issue.input)}` })
      .min(1)
      .optional()
      .describe("First line of its checkpoints. Default: the name of its key."),
  })
  .describe("A log whose checkpoints are cosigned.");

/** The whole file. */
export const witnessSchema = z
  .strictObject({
    name: keyName.describe("Name of the witness's keys, such as witness.example/w1."),
    bind: address.describe("host:port, [v6]:port or unix:/path."),
    tls: listenerTls.optional(),
    directory: file.describe("Where the newest checkpoint of each log, and keys, are kept."),
    keys: z
      .array(key)
      .min(1)
      .default([{ type: "ed25519" }]),
    logs: z.array(log).min(1),
  })
  .describe("Configuration of a witness. Relative file names start at the folder of this file.");

export type WitnessSection = z.output<typeof witnessSchema>;
