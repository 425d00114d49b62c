/** The processor `fingerprint`: a digest of the values of some fields. */
import { createHash } from "node:crypto";
import { illegalArgument, notSupported } from "../es-error.ts";
import { Double } from "../script/values.ts";
import { classNameOf } from "./ingest-document.ts";
import type { Maker } from "./processor-settings.ts";

/** Names of the methods, and those of Node for them. */
const digests: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
};
const methods = [...Object.keys(digests), "MurmurHash3"];

/** Stands in front of each name and value. */
const separator = Buffer.from([0]);

/** `fingerprint`. */
export const fingerprint: Maker = (settings) => {
  const fields = settings.list("fields").sort();
  if (fields.length === 0) throw settings.problem("fields", "must specify at least one field");
  const target = settings.textOr("target_field", "fingerprint");
  const salt = settings.textOr("salt", "");
  const method = settings.textOr("method", "SHA-1");
  if (!methods.includes(method))
    throw settings.problem(
      "method",
      `[${method}] must be one of the supported hash methods [${methods.join(",")}]`,
    );
  const digest = digests[method];
  if (digest === undefined) throw notSupported(`the method [${method}] of [fingerprint]`);
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const hash = createHash(digest);
    if (salt.trim() !== "") hash.update(salt);
    const values = fields.flatMap((field) => {
      const value = document.get(field) ?? null;
      if (value !== null) return [value];
      if (ignoresMissing) return [];
      throw illegalArgument(`missing field [${field}] when calculating fingerprint`);
    });
    if (values.length === 0) return;
    const pieces = [...piecesOf(values)].flatMap((piece) => [separator, piece]);
    document.set(target, hash.update(Buffer.concat(pieces)).digest("base64"));
  };
};

/** Bytes of all names and values, objects in the order of their names. */
function* piecesOf(value: unknown): Iterable<Buffer> {
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) yield* piecesOf(item);
  } else if (value instanceof Map) {
    const names = [...(value as ReadonlyMap<string, unknown>).keys()].sort();
    for (const name of names) {
      yield Buffer.from(name);
      yield* piecesOf(value.get(name));
    }
  } else yield bytesOf(value);
}

/** As little-endian numbers of the size of their type, texts as UTF-8. */
function bytesOf(value: unknown): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (typeof value === "string") return Buffer.from(value);
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 2]);
  if (value instanceof Double) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value.value);
    return bytes;
  }
  if (typeof value === "bigint") {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  }
  if (typeof value !== "number")
    throw illegalArgument(`cannot convert object of type [${classNameOf(value)}] to bytes`);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
