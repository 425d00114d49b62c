/** Slices: the part of a scroll or point in time that one of several readers takes. */
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { createDocValues } from "../search/fields/doc-values.ts";
import { defaultLimits, type SearchContext } from "../search/fields/document.ts";
import { resolveField } from "../search/fields/field.ts";
import type { IndexedValue } from "../search/fields/value.ts";
import { shardFailure } from "../search/problem.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import { murmur3 } from "../text/murmur3.ts";
import { uidBytes } from "../text/uid.ts";
import type { ScopeShard, SearchScope } from "./search-scope.ts";

/** A slice as a body names it. */
interface Slice {
  readonly id: number;
  readonly max: number;
  readonly field: string | undefined;
}

/** Seed of the hash that spreads ids over slices. */
const seed = 7919;

/**
 * The part of a scope that a body's `slice` means. Slices of a scroll are cut by the ids of
 * documents. Those of a point in time are whole shards as far as possible; where there are more of
 * them than shards, each shard is cut by a field, or by the places of its documents.
 *
 * @throws {EsError} 400 for slices that cannot be
 */
export function slicedScope(
  scope: SearchScope,
  body: JsonObject,
  kind: "scroll" | "pit",
): SearchScope {
  if (body["slice"] === undefined) return scope;
  const slice = readSlice(body["slice"]);
  const [first] = scope.shards;
  if (first === undefined) return scope;
  const refuse = (reason: string): EsError =>
    shardFailure(first.index, "illegal_argument_exception", reason);
  if (slice.id < 0) throw refuse("id must be greater than or equal to 0");
  if (slice.max <= 1) throw refuse("max must be greater than 1");
  const limit = first.limits?.maxSlices ?? defaultLimits.maxSlices;
  if (slice.max > limit) {
    throw refuse(
      `The number of slices [${slice.max}] is too large. It must be less than [${limit}]. This limit can be set by changing the [index.max_slices_per_scroll] index level setting.`,
    );
  }
  const field = slice.field ?? (kind === "pit" ? "_doc" : "_id");
  const counts = new Map<string, number>();
  for (const { index } of scope.shards) counts.set(index, (counts.get(index) ?? 0) + 1);
  const partOf = (shard: ScopeShard, at: number): Iterable<StoredDocument> => {
    if (kind === "pit") return piecesOf(shard, field, pieceOf(slice, at, scope.shards.length));
    if (field !== "_doc") return filtered(shard.documents, acceptor(shard, field, slice));
    return piecesOf(shard, field, pieceOf(slice, shard.shard, counts.get(shard.index) ?? 1));
  };
  return {
    ...scope,
    shards: scope.shards.map((shard, at) => ({
      ...shard,
      corpus: shard.documents,
      documents: partOf(shard, at),
    })),
  };
}

/** @throws {EsError} 400 for a slice that cannot be read */
export function checkSlice(body: JsonObject): void {
  if (body["slice"] !== undefined) readSlice(body["slice"]);
}

/** @throws {EsError} 400 for a slice outside of a scroll or point in time */
export function refuseSlice(body: JsonObject): void {
  if (body["slice"] === undefined) return;
  checkSlice(body);
  throw validationFailed("[slice] can only be used with [scroll] or [point-in-time] requests");
}

function readSlice(value: unknown): Slice {
  const slice = isObject(value) ? value : {};
  const { id, max, field, ...rest } = slice;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw parseProblem(`[slice] unknown field [${unknown}]`).at(slice, unknown, "key");
  const read = { id: wholeOf(slice, "id"), max: wholeOf(slice, "max") };
  if (field !== undefined && typeof field !== "string") throw unlike(slice, "field");
  if (id !== undefined && read.id < 0)
    throw fieldProblem("id", "id must be greater than or equal to 0").at(slice, "id");
  if (max !== undefined && read.max <= 1)
    throw fieldProblem("max", "max must be greater than 1").at(slice, "max");
  if (max !== undefined && read.max <= read.id)
    throw fieldProblem("max", "max must be greater than id").at(slice, "max");
  return { ...read, field };
}

/** @throws {EsError} 400 for what is no number, and no text of one */
function wholeOf(slice: JsonObject, name: string): number {
  const value = slice[name];
  if (value === undefined) return -1;
  if (typeof value !== "number" && typeof value !== "string") throw unlike(slice, name);
  const number = value === "" ? NaN : Math.trunc(Number(value));
  if (!Number.isNaN(number)) return number;
  const reason = value === "" ? "empty String" : `For input string: "${value}"`;
  throw parseProblem(`[slice] failed to parse field [${name}]`, {
    caused_by: { type: "number_format_exception", reason },
  }).at(slice, name);
}

function unlike(slice: JsonObject, name: string): EsError {
  const reason = `[slice] ${name} doesn't support values of type: ${tokenOf(slice[name])}`;
  return parseProblem(reason).at(slice, name);
}

function parseProblem(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "x_content_parse_exception", reason, extra);
}

function fieldProblem(name: string, reason: string): EsError {
  return parseProblem(`[slice] failed to parse field [${name}]`, {
    caused_by: illegalArgument(reason).toCause(),
  });
}

/** One of the pieces that a shard is cut into. */
type Piece = Pick<Slice, "id" | "max">;

/**
 * What a slice has of one of several shards: whole shards go to slices in turn; where there are
 * more slices than shards, each shard is cut into pieces.
 *
 * @returns `undefined` for nothing
 */
function pieceOf({ id, max }: Slice, shard: number, shards: number): Piece | undefined {
  if (max < shards) return shard % max === id ? { id: 0, max: 1 } : undefined;
  if (id % shards !== shard) return undefined;
  const pieces = Math.floor(max / shards) + (max % shards > shard ? 1 : 0);
  return { id: Math.floor(id / shards), max: pieces };
}

/** A piece of a shard; without a field all pieces have the same length. */
function piecesOf(
  shard: ScopeShard,
  field: string,
  piece: Piece | undefined,
): Iterable<StoredDocument> {
  if (piece === undefined) return [];
  const { documents } = shard;
  const { id, max } = piece;
  if (max === 1) return documents;
  if (field !== "_doc") return filtered(documents, acceptor(shard, field, piece));
  const all = [...documents];
  const length = Math.floor(all.length / max);
  const longer = all.length % max;
  const start = id * length + Math.min(id, longer);
  return all.slice(start, start + length + (id < longer ? 1 : 0));
}

function filtered(
  documents: Iterable<StoredDocument>,
  accepts: (document: StoredDocument) => boolean,
): Iterable<StoredDocument> {
  return {
    *[Symbol.iterator]() {
      for (const document of documents) if (accepts(document)) yield document;
    },
  };
}

function acceptor(
  shard: ScopeShard,
  name: string,
  { id, max }: Piece,
): (document: StoredDocument) => boolean {
  if (name === "_id") {
    return (document) => floorMod(murmur3(uidBytes(document.id), seed), max) === id;
  }
  const context: SearchContext = {
    mappings: shard.mappings,
    index: shard.index,
    nowMs: 0,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: shard.limits ?? defaultLimits,
  };
  const field = resolveField(context, name);
  const refuse = (reason: string): EsError =>
    shardFailure(shard.index, "illegal_argument_exception", reason);
  if (field === undefined) throw refuse(`field ${name} not found`);
  if (field.kind !== "long" && field.kind !== "double" && field.kind !== "date")
    throw refuse(`cannot load numeric doc values on ${name}`);
  const read = createDocValues(field, context);
  return (document) => {
    const [value] = read(document);
    return floorMod(value === undefined ? 0 : mixed(sortable(value, field.type)), max) === id;
  };
}

/** The bits of a number as the index holds them, ordered like the numbers. */
function sortable(value: IndexedValue, type: string): bigint {
  if (typeof value === "string") return 0n;
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case "double":
      view.setFloat64(0, Number(value));
      return flipped(view.getBigInt64(0), 63n);
    case "float":
      view.setFloat32(0, Number(value));
      return flipped(BigInt(view.getInt32(0)), 31n);
    default:
      return BigInt(value);
  }
}

function flipped(bits: bigint, width: bigint): bigint {
  return bits < 0n ? bits ^ ((1n << width) - 1n) : bits;
}

/** The hash of numbers: the mixer of a 64-bit variant of MurmurHash3 with other constants. */
function mixed(value: bigint): number {
  let hash = BigInt.asUintN(64, value);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 32n)) * 0x4cd6944c5cc20b6dn);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 29n)) * 0xfc12c5b19d3259e9n);
  return Number(BigInt.asIntN(32, hash ^ (hash >> 32n)));
}

function floorMod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
