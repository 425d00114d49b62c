/** `audit.archive` and `audit.retain`: what becomes of full segments. */
import { z } from "zod";

import { defaults } from "./defaults.ts";
import { count, duration, size, sizeOr } from "./scalar-schemas.ts";

/** Bech32 with the prefix of age, also that of its hybrid keys and of plugins. */
const recipientPattern = /^age1[0-9a-z]{20,4000}$/;

/** No timer runs so long: a hundred years. Milliseconds. */
export const longest = 3_155_760_000_000;

const recipient = z.string().regex(recipientPattern, {
  error: () => "expected a public key of age, age1…; age-keygen makes one",
});

/** The `archive` section of `audit`. */
export const archiveSchema = z
  .strictObject({
    compress: z
      .boolean()
      .default(defaults.audit.archive.compress)
      .describe(
        "Compress full journals and packs with zstd, when everything has followed them. They " +
          "are read as before.",
      ),
    recipients: z
      .array(recipient)
      .default([])
      .describe(
        "Encrypt full segments to these public keys, so that nobody without a private key can " +
          "read them, the proxy included. Facts of theirs are removed. Default: no encryption.",
      ),
  })
  .prefault({})
  .describe("What is done with full segments.");

/** The `retain` section of `audit`. */
export const retainSchema = z
  .strictObject({
    for: duration({ max: longest })
      .optional()
      .describe("Full segments are pruned so long after their last record."),
    size: size({ min: 1_048_576 })
      .optional()
      .describe("The oldest full segments are pruned while all of them take more room than this."),
  })
  .describe(
    "When full segments are pruned, with a record that says so; `es-proxy audit hold` keeps what " +
      "must stay. Absent: nothing is ever deleted.",
  );

/** The `disk` section of `audit`. */
export const diskSchema = z
  .strictObject({
    warn_percent: count(1, 99)
      .default(defaults.disk.warnPercent)
      .describe("The log warns when less of the file system is free."),
    metadata_percent: count(1, 99)
      .default(defaults.disk.metadataPercent)
      .describe("Bodies are not recorded any more when less of it is free."),
    reserve: sizeOr(defaults.disk.reserveBytes, { min: 1_048_576 }).describe(
      "Size of a file that only takes room. When less than a quarter of it is free otherwise, " +
        "nothing is recorded any more (see `on_failure`), and the file goes, so that the record " +
        "which says so has room.",
    ),
  })
  .refine(({ warn_percent, metadata_percent }) => metadata_percent < warn_percent, {
    path: ["metadata_percent"],
    error: () => "must be below warn_percent",
  })
  .describe(
    "Records less in stages before the disk is full; each stage is a record of the trail. " +
      "Absent: everything is recorded until the disk is full.",
  );
