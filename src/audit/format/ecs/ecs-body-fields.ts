/** The members of `es_proxy.request_body` and `es_proxy.response_body`, in one place. */
import type { BodyFilePointer, BodyPointer } from "../../record/body-pointer.ts";
import type { SealedBody } from "../../record/sealed-body.ts";
import { numberAt, textAt, type AuditDocument } from "../audit-document.ts";

/**
 * Where a stored body lies, with a comma behind: `pack`, the name of the pack beside the record's
 * file; `offset`, where its last frame begins there; `stored_bytes` and `bytes`, its size in the
 * pack and unfolded; `sha256` of its unfolded bytes.
 */
export function pointerFields(pointer: BodyPointer): string {
  const { pack, offset, storedBytes, bytes, sha256 } = pointer;
  return (
    `"pack":"${pack}","offset":${offset},"stored_bytes":${storedBytes},` +
    `"bytes":${bytes},"sha256":"${sha256}",`
  );
}

/** The members of a body whose process died while it passed or before its record was written. */
export function sealedBodyFields({ pointer, isComplete, isRedacted }: SealedBody): string {
  // What the redaction did is known at the end of a body only.
  const redaction = isRedacted ? '"redaction":"unknown",' : "";
  return `${redaction}${pointerFields(pointer)}"complete":${isComplete}`;
}

/**
 * Where the content of a body lies that is not in the record itself; undefined when it is nowhere
 * else. Records of earlier versions have `pointer` in place of the other members.
 *
 * @param name `request_body` or `response_body`
 */
export function bodyPointerAt(
  document: AuditDocument,
  name: "request_body" | "response_body",
): BodyPointer | BodyFilePointer | undefined {
  const path = `es_proxy.${name}`;
  const file = textAt(document, `${path}.pointer`);
  if (file !== undefined) return { file };
  const pack = textAt(document, `${path}.pack`);
  const offset = numberAt(document, `${path}.offset`);
  const storedBytes = numberAt(document, `${path}.stored_bytes`);
  const bytes = numberAt(document, `${path}.bytes`);
  const sha256 = textAt(document, `${path}.sha256`);
  if (
    pack === undefined ||
    offset === undefined ||
    storedBytes === undefined ||
    bytes === undefined ||
    sha256 === undefined
  )
    return undefined;
  return { pack, offset, storedBytes, bytes, sha256 };
}
