/** Vectors of `dense_vector` fields: read from documents, checked, and compared. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { floatJson, floatText } from "../../json/java-number.ts";
import { textOf } from "../../json/json-value.ts";
import type { MappedField, SearchDocument } from "./document.ts";
import type { Field } from "./field.ts";
import { collectRaw } from "./reader.ts";

/** How a field holds vectors. */
export interface VectorType {
  readonly element: string;
  readonly similarity: string;
  /** `undefined` before the first document decides. */
  readonly dims: number | undefined;
}

/** The vectors of a `dense_vector` field, by its mapping. */
export function vectorType({ parameters }: Pick<MappedField, "parameters">): VectorType {
  const element = textOf(parameters["element_type"] ?? "float");
  const similarity = textOf(parameters["similarity"] ?? (element === "bit" ? "l2_norm" : "cosine"));
  const dims = parameters["dims"];
  return { element, similarity, dims: dims === undefined ? undefined : Number(dims) };
}

/** A number of a parsed document or request. */
function numberIn(value: unknown): number {
  return isRawNumber(value) ? Number(value.rawJSON) : Number(value);
}

/** Bits are kept as bytes, eight to one. */
function lengthOf({ element, dims }: VectorType): number | undefined {
  return element === "bit" && dims !== undefined ? dims / 8 : dims;
}

/** True for a list of numbers, which is what a vector is written as. */
export function isNumberList(value: unknown): value is readonly unknown[] {
  return (
    Array.isArray(value) &&
    value.every((element) => typeof element === "number" || isRawNumber(element))
  );
}

/**
 * Reads a vector as it is written in documents: numbers, base64 of its bytes, or for bytes and bits
 * hexadecimal text.
 *
 * @throws {EsError} 400 for a text that is none of these
 */
export function toVector(value: unknown, type: VectorType): number[] {
  if (typeof value !== "string") return (value as readonly unknown[]).map(numberIn);
  const encoded = ofBase64(value, type);
  if (encoded !== undefined) return encoded;
  if (type.element === "float" || !isHexadecimal(value))
    throw notSupported("a vector as such a text");
  return signedBytes(Buffer.from(value, "hex"));
}

/**
 * Reads the vector of a query, in which hexadecimal text of bytes stands for floats, too.
 *
 * @throws {EsError} 400 in the server's words for other texts
 */
export function toQueryVector(value: unknown, type: VectorType): number[] {
  if (typeof value !== "string") return toVector(value, type);
  if (isHexadecimal(value)) return signedBytes(Buffer.from(value, "hex"));
  const encoded = ofBase64(value, type);
  if (encoded !== undefined) return encoded;
  const what = "failed to parse field [query_vector]: [query_vector] must";
  const bytes = bytesOf(value);
  if (bytes === undefined) throw illegalArgument(`${what} be a valid base64 or hex string`);
  const element = type.element === "float" ? "float" : "byte";
  throw illegalArgument(
    `${what} contain a valid Base64-encoded ${element} vector, but the decoded bytes length [${bytes.length}] is not compatible with the expected vector length`,
  );
}

function isHexadecimal(text: string): boolean {
  return /^(?:[0-9a-f]{2})*$/i.test(text);
}

function signedBytes(bytes: Buffer): number[] {
  return Array.from(new Int8Array(bytes));
}

function bytesOf(text: string): Buffer | undefined {
  const isBase64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}(?:==)?|[\w+/]{3}=?)?$/.test(text);
  return isBase64 ? Buffer.from(text, "base64") : undefined;
}

/**
 * The vector whose bytes a text has in base64: one for a byte, four for a float, two for one that
 * is cut (bfloat16); `undefined` for a text of another length.
 */
function ofBase64(text: string, type: VectorType): number[] | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined) return undefined;
  const wanted = lengthOf(type);
  if (type.element !== "float") return bytes.length === wanted ? signedBytes(bytes) : undefined;
  const length = wanted ?? bytes.length / 4;
  const at = Array.from({ length }, (_, place) => place);
  if (bytes.length === length * 4) return at.map((place) => bytes.readFloatBE(place * 4));
  if (bytes.length !== length * 2) return undefined;
  const words = new DataView(new ArrayBuffer(4));
  return at.map((place) => {
    words.setUint16(0, bytes.readUInt16BE(place * 2));
    return words.getFloat32(0);
  });
}

/**
 * What is wrong with the values of a vector; `undefined` for nothing.
 *
 * @param isQuery true for the vector of a query, of which floats are told and more is shown
 */
export function vectorProblem(
  vector: readonly number[],
  type: VectorType,
  isQuery = false,
): string | undefined {
  const { element, similarity } = type;
  if (element === "byte" || element === "bit") {
    const more = isQuery ? ` ${preview(vector)}` : "";
    for (const [at, value] of vector.entries()) {
      const found = Number.isInteger(value) && !isQuery ? String(value) : floatText(value);
      if (!Number.isInteger(value))
        return `element_type [${element}] vectors only support non-decimal values but found decimal value [${found}] at dim [${at}];${more}`;
      if (value < -128 || value > 127)
        return `element_type [${element}] vectors only support integers between [-128, 127] but found [${found}] at dim [${at}];${more}`;
    }
  }
  const squared = dot(vector, vector);
  if (similarity === "cosine" && squared === 0)
    return `The [cosine] similarity does not support vectors with zero magnitude. ${preview(vector)}`;
  if (similarity === "dot_product" && element === "float" && Math.abs(squared - 1) > unitTolerance)
    return `The [dot_product] similarity can only be used with unit-length vectors. ${preview(vector)}`;
  return undefined;
}

/** How far the squared length of a unit vector may be from 1 (DenseVectorFieldMapper). */
const unitTolerance = 1e-3;

/** The server shows the first five values. */
function preview(vector: readonly number[]): string {
  const shown = vector.slice(0, 5).map(floatText);
  return `Preview of invalid vector: [${shown.join(", ")}${vector.length > 5 ? ", ..." : ""}]`;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    sum += difference * difference;
  }
  return sum;
}

function differingBits(a: readonly number[], b: readonly number[]): number {
  let count = 0;
  for (let at = 0; at < a.length; at++) {
    for (let rest = ((a[at] ?? 0) ^ (b[at] ?? 0)) & 255; rest !== 0; rest &= rest - 1) count++;
  }
  return count;
}

/**
 * The vector of a document as the index has kept it. Of a vector that is compared by its cosine the
 * server keeps the unit vector and the length, which it multiplies again.
 */
export function keptVector(value: unknown, field: Pick<MappedField, "parameters">): number[] {
  const { fround } = Math;
  const type = vectorType(field);
  const vector = toVector(value, type);
  if (type.element !== "float") return vector;
  const floats = vector.map(fround);
  if (type.similarity !== "cosine" || field.parameters["index"] === false) return floats;
  const squared = floats.reduce((sum, x) => fround(sum + fround(x * x)), 0);
  if (Math.abs(squared - 1) <= unitTolerance) return floats;
  const length = fround(Math.sqrt(squared));
  return floats.map((x) => fround(fround(x / length) * length));
}

/** A vector as the index keeps it, for hits. */
export function vectorJson(value: unknown, field: Pick<MappedField, "parameters">): unknown[] {
  const kept = keptVector(value, field);
  return vectorType(field).element === "float" ? kept.map(floatJson) : kept;
}

/** The bytes of a vector in base64, as the index keeps it: floats of four bytes, or bytes. */
export function vectorBytes(value: unknown, field: Pick<MappedField, "parameters">): string {
  const kept = keptVector(value, field);
  if (vectorType(field).element !== "float") return Buffer.from(kept).toString("base64");
  const bytes = Buffer.alloc(kept.length * 4);
  for (const [at, number] of kept.entries()) bytes.writeFloatBE(number, at * 4);
  return bytes.toString("base64");
}

/** The numbers, for hits, of what {@link vectorBytes} gives. */
export function vectorOfBytes(text: string, field: Pick<MappedField, "parameters">): unknown[] {
  const bytes = Buffer.from(text, "base64");
  if (vectorType(field).element !== "float") return Array.from(new Int8Array(bytes));
  return Array.from({ length: bytes.length / 4 }, (_, at) => floatJson(bytes.readFloatBE(at * 4)));
}

/** Compares documents with the vector of a query: the higher, the nearer. */
export function vectorScorer(
  query: readonly number[],
  type: VectorType,
): (vector: readonly number[]) => number {
  const { fround } = Math;
  const { element, similarity } = type;
  if (element === "bit") {
    const bits = query.length * 8;
    return (vector) => fround((bits - differingBits(query, vector)) / bits);
  }
  const length = Math.sqrt(dot(query, query));
  switch (similarity) {
    case "l2_norm":
      return (vector) => fround(1 / (1 + squaredDistance(query, vector)));
    case "cosine":
      return (vector) => {
        const cosine = dot(query, vector) / (length * Math.sqrt(dot(vector, vector)));
        return fround(Math.max((1 + cosine) / 2, 0));
      };
    case "dot_product":
      return (vector) => scoreOfSimilarity(dot(query, vector), type);
    default:
      return (vector) => scoreOfSimilarity(dot(query, vector), type);
  }
}

/** The score of a raw similarity, such as the least one that `similarity` of a query asks for. */
export function scoreOfSimilarity(similarity: number, type: VectorType): number {
  const { fround } = Math;
  const { element, dims = 1 } = type;
  if (element === "bit") return fround((dims - similarity) / dims);
  switch (type.similarity) {
    case "l2_norm":
      return fround(1 / (1 + similarity * similarity));
    case "max_inner_product":
      return fround(similarity < 0 ? 1 / (1 - similarity) : similarity + 1);
    case "dot_product":
      return element === "byte"
        ? fround(0.5 + similarity / (dims * 32_768))
        : fround(Math.max((1 + similarity) / 2, 0));
    default:
      return fround((1 + similarity) / 2);
  }
}

/** @throws {EsError} 400 when query and field have vectors of different lengths */
export function checkDimensions(vector: readonly number[], type: VectorType): void {
  const wanted = lengthOf(type);
  if (wanted === undefined || wanted === vector.length) return;
  throw illegalArgument(
    `The query vector has a different number of dimensions [${vector.length}] than the document vectors [${wanted}].`,
  );
}

// Documents are immutable, so what was read of them holds for as long as they live.
const known = new Map<string, WeakMap<SearchDocument, readonly number[] | null>>();
const maxFields = 1000;

/** Reads the vector of documents; the work is done once for each document. */
export function createVectorReader(
  field: Field,
): (document: SearchDocument) => readonly number[] | undefined {
  const type = vectorType(field);
  const path = field.places[0]?.path ?? [];
  const key = `${type.element} ${path.join("\0")}`;
  let vectors = known.get(key);
  if (vectors === undefined || known.size > maxFields) {
    vectors = new WeakMap();
    known.set(key, vectors);
  }
  const cache = vectors;
  return (document) => {
    let vector = cache.get(document);
    if (vector === undefined) {
      vector = readVector(document, path, type) ?? null;
      cache.set(document, vector);
    }
    return vector ?? undefined;
  };
}

function readVector(
  { source }: SearchDocument,
  path: readonly string[],
  type: VectorType,
): readonly number[] | undefined {
  const raw: unknown[] = [];
  collectRaw(source, path, 0, raw);
  if (raw.length === 0 || raw[0] === null) return undefined;
  if (typeof raw[0] === "string") return toVector(raw[0], type);
  const vector = raw.map(numberIn);
  return type.element === "float" ? vector.map(Math.fround) : vector;
}
