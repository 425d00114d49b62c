import { Buffer } from "node:buffer";
import { jsonKind, type JsonKind } from "./json-visitor.ts";

/** Tokens of JSON that are no strings (RFC 8259 §3, §6). */

/** By {@link JsonKind}. */
export const literals = ["", "", "true", "false", "null"].map((text) => Buffer.from(text));
/** Bytes of numbers. */
export const isNumberByte = new Uint8Array(256);
for (const byte of Buffer.from("0123456789+-.eE")) isNumberByte[byte] = 1;

/** The literal that begins with a byte. */
export function literalKind(first: number): JsonKind | undefined {
  switch (first) {
    case 0x74:
      return jsonKind.true;
    case 0x66:
      return jsonKind.false;
    case 0x6e:
      return jsonKind.null;
    default:
      return undefined;
  }
}
