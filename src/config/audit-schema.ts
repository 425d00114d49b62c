import { z } from "zod";

import { coverageSchema } from "./coverage-schema.ts";
import { defaults } from "./defaults.ts";
import { archiveSchema, diskSchema, longest, retainSchema } from "./retention-schema.ts";
import { redactSchema } from "./redact-schema.ts";
import { proofSchema } from "./proof-schema.ts";
import { shipSchema } from "./ship-schema.ts";
import { durationOr, file, oneOrMore, recordedAtMost, sizeOr } from "./scalar-schemas.ts";

/** How much of an exchange is recorded. */
export const auditLevel = z
  .enum(["none", "metadata", "facts", "full"])
  .describe(
    "`none`: no record. `metadata`: records without bodies. `facts`: the same, and what the " +
      "bodies say of indices and documents, read while they pass (`format: ecs`). `full`: " +
      "records with bodies.",
  );

/** What happens to exchanges whose record cannot be stored. */
export const onFailure = z
  .enum(["continue", "reject"])
  .describe(
    "When a record cannot be stored: `continue` forwards and later writes a gap record " +
      "with exact counts, `reject` answers 503 and forwards nothing.",
  );

/** One rule of `watch`. */
const watchRule = z
  .strictObject({
    indices: oneOrMore(z.string().min(1)).describe("Index expressions, such as `patients-*`."),
    fields: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        "Names of fields; `*` stands for any characters, a name for what is below it, too.",
      ),
  })
  .describe("Fields of some indices.");

/** The `audit` section. */
export const auditSchema = z
  .strictObject({
    directory: file.describe("Folder of the journal, made if it is missing; `-` writes to stdout."),
    format: z
      .enum(["ecs", "text"])
      .default(defaults.audit.format)
      .describe(
        "`ecs`: one JSON object a line, Elastic Common Schema. `text`: one line of `Key: " +
          "value` pairs.",
      ),
    ecs_response: z
      .enum(["whole", "lean"])
      .default(defaults.audit.ecsResponse)
      .describe(
        "What the second record of an exchange repeats of the first, with `format: ecs`. " +
          "`whole`: who, what and where, so that each line can be searched alone. `lean`: " +
          "nothing that the first one says; readers join both by `event.id`, as the commands " +
          "here do.",
      ),
    durability: z
      .enum(["async", "written", "durable"])
      .default(defaults.audit.durability)
      .describe(
        "When a request may go upstream. `async`: at once. `written`: after its record was " +
          "written (survives kill -9). `durable`: after fdatasync (survives power loss).",
      ),
    on_failure: onFailure.default(defaults.audit.onFailure),
    bodies: z
      .enum(["strict", "best_effort"])
      .default(defaults.audit.bodies)
      .describe(
        "When a large body cannot be stored while it passes and `on_failure` is `reject`: " +
          "`strict` cuts it off, which client and upstream see; `best_effort` lets it pass, " +
          "and its record has size, SHA-256 and `stored: false`. No effect with `on_failure: " +
          "continue`.",
      ),
    level: auditLevel.default(defaults.audit.level),
    body: z
      .strictObject({
        inline: sizeOr(defaults.audit.body.inlineBytes, {
          zero: "off",
          most: recordedAtMost.body,
        }).describe("Bodies up to this size stand in the record, 8MiB at most. 0: none does."),
        store: z
          .boolean()
          .default(defaults.audit.body.store)
          .describe(
            "Larger bodies go into the body pack beside the journal file, compressed where " +
              "that pays. `false`: they are not kept; their record has size and SHA-256 and " +
              'says so. No effect with `directory: "-"`, which keeps none.',
          ),
      })
      .prefault({})
      .describe("Where recorded bodies go."),
    rotate: z
      .strictObject({
        size: sizeOr(defaults.audit.rotate.sizeBytes, { min: 65_536 }).describe(
          "A journal file that has reached this size, or whose body pack has reached four " +
            "times this size, is closed and the next one is begun.",
        ),
        every: durationOr(defaults.audit.rotate.everyMs, { zero: "off", max: longest }).describe(
          "The same for one that was begun so long ago and has records. 0: never.",
        ),
      })
      .prefault({})
      .describe("When a new journal file is begun."),
    archive: archiveSchema,
    disk: diskSchema.optional(),
    retain: retainSchema.optional(),
    redact: redactSchema,
    proof: proofSchema.optional(),
    coverage: coverageSchema.optional(),
    facts: z
      .boolean()
      .optional()
      .describe(
        "Works out of the recorded bodies what each exchange touched and what came back, in a " +
          "thread beside the traffic, into files beside the journal. Default: `true` with " +
          "`watch`, else `false`; `es-proxy audit index` does it afterwards.",
      ),
    index: z
      .boolean()
      .default(defaults.audit.index)
      .describe(
        "Each journal file that is full gets an index beside it, by which `es-proxy audit show`, " +
          "`who`, `query` and `top` find exchanges without reading it. Implies `facts`. It holds " +
          "no ids of documents, takes 3 to 8 % of the file, and may be deleted at any time; " +
          "`es-proxy audit index` builds it afterwards.",
      ),
    ship: shipSchema,
    watch: z
      .array(watchRule)
      .max(30)
      .default([])
      .describe("Fields of which the facts say in which documents they were sent."),
    hmac_key_file: file
      .optional()
      .describe(
        "Key of the tokens that replace redacted values, at least 32 bytes. Default: made " +
          "once and kept in the journal's folder.",
      ),
  })
  .describe("The audit trail. Absent: nothing is recorded.");
