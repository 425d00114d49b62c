/** The notation of a stored body in the `text` format. */
import type { BodyPointer } from "../../record/body-pointer.ts";
import type { AuditDocument } from "../audit-document.ts";

const form = /^pack:([\w.-]+),offset:(\d+),stored:(\d+),size:(\d+),sha256:([0-9a-f]{64})$/;

/** `pack:NAME,offset:16,stored:1234,size:56789,sha256:HEX` */
export function pointerText(pointer: BodyPointer): string {
  const { pack, offset, storedBytes, bytes, sha256 } = pointer;
  return `pack:${pack},offset:${offset},stored:${storedBytes},size:${bytes},sha256:${sha256}`;
}

/** The members of `es_proxy.request_body` that the notation stands for. */
export function pointerDocument(text: string): AuditDocument | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [, pack, offset, storedBytes, bytes, sha256] = parts;
  return {
    pack,
    offset: Number(offset),
    stored_bytes: Number(storedBytes),
    bytes: Number(bytes),
    sha256,
  };
}
