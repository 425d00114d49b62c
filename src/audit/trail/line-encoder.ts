/** The encoder of a trail's lines, as its options ask for. */
import { randomBytes } from "node:crypto";

import { IdentityReader } from "../../elasticsearch/identity/identity.ts";
import { EcsEncoder } from "../format/ecs/ecs-encoder.ts";
import type { Encoder } from "../format/encoder.ts";
import { TextLineEncoder } from "../format/text/text-encoder.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { AuditOptions } from "./audit-options.ts";

/** @param redactor takes secrets out of heads, targets and bodies */
export function encoderOf(options: AuditOptions, redactor: Redactor): Encoder {
  const { clock, format, productVersion = "0.0.0", ecsResponse } = options;
  const identities = new IdentityReader(redactor.key);
  if (format === "text") return new TextLineEncoder({ clock, identities, redactor });
  const processId = randomBytes(4).toString("hex");
  const isLean = ecsResponse === "lean";
  return new EcsEncoder({ clock, identities, redactor, productVersion, processId, isLean });
}
