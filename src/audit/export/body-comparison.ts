/** Compares bodies of two exchanges, or of one that was sent again. */
import { isUtf8, type Buffer } from "node:buffer";

import { readRecordedBody, type RecordedBody } from "../read/recorded-body.ts";
import { diffJson, type Difference } from "./json-diff.ts";

/** Larger bodies are not compared. Bytes, decoded. */
export const mostComparedBytes = 67_108_864;

/** A body with what is needed to compare it, or why it cannot be compared. */
export type ComparableBody =
  | { readonly bytes: Buffer; readonly reason?: undefined }
  | { readonly reason: string };

/** What differs; `reason`: why the bodies were not compared. */
export interface BodyComparison {
  /** Of texts that are no JSON, the first line that differs; of anything else, the lengths. */
  readonly differences: readonly Difference[];
  readonly reason: string | undefined;
}

/** The decoded body of a trail. */
export async function comparableBody(
  directory: string,
  body: RecordedBody,
): Promise<ComparableBody> {
  if (body.redaction !== undefined) return { reason: `redaction: ${body.redaction}` };
  if (body.state !== "none" && body.state !== "inline" && body.state !== "stored")
    return { reason: "not recorded" };
  if (!body.isComplete) return { reason: "cut off" };
  const { bytes, isCut } = await readRecordedBody(directory, body, mostComparedBytes);
  return isCut ? { reason: `larger than ${mostComparedBytes} bytes` } : { bytes };
}

/** @param ignored paths that may differ */
export function compareBodies(
  before: ComparableBody,
  after: ComparableBody,
  ignored: readonly string[],
): BodyComparison {
  if (before.reason !== undefined) return { differences: [], reason: before.reason };
  if (after.reason !== undefined) return { differences: [], reason: after.reason };
  return { differences: differencesOf(before.bytes, after.bytes, ignored), reason: undefined };
}

function differencesOf(
  before: Buffer,
  after: Buffer,
  ignored: readonly string[],
): readonly Difference[] {
  if (before.equals(after)) return [];
  if (isUtf8(before) && isUtf8(after)) {
    const [one, other] = [before.toString("utf8"), after.toString("utf8")];
    return diffJson(one, other, ignored) ?? [firstDifferentLine(one, other)];
  }
  return [{ path: "", before: `${before.length} bytes`, after: `${after.length} bytes` }];
}

/** Of two texts that are not the same. */
function firstDifferentLine(before: string, after: string): Difference {
  const [one, other] = [before.split("\n"), after.split("\n")];
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const text = (line: string | undefined): string | undefined =>
    line === undefined ? undefined : JSON.stringify(line);
  return { path: `line ${at + 1}`, before: text(one[at]), after: text(other[at]) };
}
