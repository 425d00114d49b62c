/** Reads recorded bodies for their facts, wherever they were kept. */
import { Buffer } from "node:buffer";

import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import { CodedReader } from "../../elasticsearch/body/coded-reader.ts";
import type { Examination, ExaminationReason } from "../../elasticsearch/body/examination.ts";
import { openRecordedBody, type RecordedBody } from "../read/recorded-body.ts";

/**
 * How much of a body its facts rest on. Beside the reasons of the scanners: `hidden` and
 * `not_stored` as the record says, `unknown`: what came of it is in no record; `unreadable`: it is
 * not where the record says, or another one; `no_record`: this half was not recorded.
 */
export interface Examined {
  readonly state: Examination["state"];
  readonly reason?:
    | ExaminationReason
    | "hidden"
    | "not_stored"
    | "unknown"
    | "unreadable"
    | "no_record";
  /** Offset in the decoded body from which on nothing was read. Bytes. */
  readonly at?: number;
  /** Bytes of the decoded body that were seen, or of the received one where none was. */
  readonly bytes: number;
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
): Promise<{ readonly facts: Facts; readonly lost: Examined | undefined }> {
  const cut: ExaminationReason | undefined = body.isComplete ? undefined : "end";
  const { state, content, coding, bytes = 0 } = body;
  if (state === "none") return { facts: reader.finish(), lost: undefined };
  if (state !== "inline" && state !== "stored")
    return { facts: reader.finish("end"), lost: { state: "none", reason: state, bytes } };
  if (content !== undefined && coding === undefined) {
    reader.write(content, 0, content.length);
    return { facts: reader.finish(cut), lost: undefined };
  }
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
