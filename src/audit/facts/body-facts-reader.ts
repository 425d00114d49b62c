/** Reads recorded bodies for their facts, wherever they were kept. */
import { Buffer } from "node:buffer";

import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import { CodedReader } from "../../elasticsearch/body/coded-reader.ts";
import type { ExaminationReason } from "../../elasticsearch/body/examination.ts";
import type { BodyRead } from "../examine/exchange-examiner.ts";
import { openRecordedBody, type RecordedBody } from "../read/recorded-body.ts";
import type { Examined } from "../record/examined.ts";

/** Whether a body stands in its record as it is, so that {@link readInlineFacts} can read it. */
export function isReadInline({ state, content, coding }: RecordedBody): boolean {
  return state !== "stored" && (content === undefined || coding === undefined);
}

/** Passes a body to a reader that needs nothing but its record. */
export function readInlineFacts<Facts>(
  body: RecordedBody,
  reader: BodyReader<Facts>,
): BodyRead<Facts> {
  const { state, content, bytes = 0 } = body;
  if (state === "none") return { facts: reader.finish(), lost: undefined };
  if (state !== "inline" || content === undefined)
    return { facts: reader.finish("end"), lost: { state: "none", reason: reasonOf(state), bytes } };
  reader.write(content, 0, content.length);
  return { facts: reader.finish(body.isComplete ? undefined : "end"), lost: undefined };
}

function reasonOf(state: RecordedBody["state"]): NonNullable<Examined["reason"]> {
  return state === "hidden" || state === "not_stored" || state === "unknown" ? state : "unreadable";
}

/**
 * Passes what was kept of a body to a reader.
 *
 * @param directory of the audit, or a copy of it
 * @returns what the reader found, and why the body itself could not be read; `undefined`: it could
 */
export async function readBodyFacts<Facts>(
  directory: string,
  body: RecordedBody,
  reader: BodyReader<Facts>,
): Promise<BodyRead<Facts>> {
  if (isReadInline(body)) return readInlineFacts(body, reader);
  const cut: ExaminationReason | undefined = body.isComplete ? undefined : "end";
  const { coding, bytes = 0 } = body;
  const coded = new CodedReader(reader, coding);
  let seen = 0;
  try {
    for await (const piece of openRecordedBody(directory, body)) {
      if (!Buffer.isBuffer(piece)) continue;
      await coded.write(piece);
      seen += piece.length;
    }
    return { facts: await coded.finish(cut), lost: undefined };
  } catch {
    const facts = await coded.finish("end");
    const lost = { state: seen > 0 ? "partial" : "none", reason: "unreadable", bytes } as const;
    return { facts, lost };
  }
}
