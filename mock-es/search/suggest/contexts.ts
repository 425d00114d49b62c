/** Contexts of completions: categories and places that a suggestion is for. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import {
  distanceMetres,
  geohash,
  geohashCellSize,
  geohashLength,
  type GeoPoint,
  toGeoPoint,
} from "../fields/geo-point.ts";
import { collectRaw } from "../fields/reader.ts";

/** A context that the mapping of a completion names. */
export interface ContextMapping {
  readonly name: string;
  readonly type: "category" | "geo";
  /** The field that it is taken from; `undefined`: documents say it. */
  readonly path: string | undefined;
  /** Characters of a geohash. */
  readonly precision: number;
}

/** Characters of a geohash when a mapping does not say. */
const defaultPrecision = 6;

/** The contexts of a completion field. */
export function contextMappings(parameters: Readonly<Record<string, unknown>>): ContextMapping[] {
  const { contexts: given } = parameters;
  const list = Array.isArray(given)
    ? (given as readonly unknown[])
    : given === undefined
      ? []
      : [given];
  return list.filter(isObject).map((each) => ({
    name: textOf(each["name"]),
    type: textOf(each["type"]).toLowerCase() === "geo" ? "geo" : "category",
    path: each["path"] === undefined ? undefined : textOf(each["path"]),
    precision: contextPrecision(each["precision"] ?? defaultPrecision),
  }));
}

/** Length of the geohashes of a context: as it is given, or for a distance. */
export function contextPrecision(given: unknown): number {
  const length = Number(given);
  if (textOf(given).trim() !== "" && Number.isInteger(length)) return length;
  if (typeof given !== "string") throw notSupported("such a [precision] of a context");
  const metres = distanceMetres(given);
  const level = geohashLength(metres);
  return Math.min(12, geohashCellSize(level) < metres ? Math.max(1, level - 1) : level);
}

/** Refuses names of contexts that a field does not have. @throws {EsError} */
export function unknownContext(name: string, mappings: readonly ContextMapping[]): Error {
  const known = mappings.map((mapping) => mapping.name).join(", ");
  return illegalArgument(`Unknown context name [${name}], must be one of [${known}]`);
}

/** The values that an input has in each context, by its name. */
export function contextsOf(
  mappings: readonly ContextMapping[],
  given: unknown,
  source: unknown,
): ReadonlyMap<string, readonly string[]> {
  const own = isObject(given) ? given : {};
  const found = new Map<string, readonly string[]>();
  for (const mapping of mappings) {
    const raw: unknown[] = [];
    if (own[mapping.name] !== undefined) raw.push(...valuesOf(mapping, own[mapping.name]));
    if (mapping.path !== undefined) {
      const held: unknown[] = [];
      collectRaw(source, mapping.path.split("."), 0, held);
      const other = held.filter((value) => value !== null);
      raw.push(...(mapping.type === "geo" ? pointsOf(other) : other));
    }
    const values = raw.map((value) => valueOf(mapping, value));
    if (values.length > 0) found.set(mapping.name, values);
  }
  return found;
}

/** The points of another field; one that is a list of two numbers was read as two values. */
function pointsOf(values: readonly unknown[]): readonly unknown[] {
  if (!values.every((value) => typeof value === "number"))
    return values.map((value) =>
      typeof value === "string" && /[,(]/.test(value) ? toGeoPoint(value) : value,
    );
  return values.flatMap((lon, at) => (at % 2 === 0 ? [{ lon, lat: values[at + 1] }] : []));
}

/** A point may be a list of two numbers itself. */
function valuesOf({ type }: ContextMapping, given: unknown): readonly unknown[] {
  if (!Array.isArray(given)) return [given];
  const isPoint = type === "geo" && typeof given[0] === "number";
  return isPoint ? [given] : (given as readonly unknown[]);
}

function valueOf({ type, precision }: ContextMapping, value: unknown): string {
  if (type === "category") return textOf(value);
  // The server takes any text for a geohash.
  if (typeof value === "string") return value.slice(0, precision);
  return geohash(toGeoPoint(value), precision);
}

/** A value of a context that is asked for. */
export interface WantedContext {
  readonly name: string;
  readonly value: string;
  /** True when values only have to begin so. */
  readonly isPrefix: boolean;
  readonly boost: number;
}

/** Reads `contexts` of a suggester. @throws {EsError} 400 in the server's words */
export function readWantedContexts(
  field: string,
  given: unknown,
  mappings: readonly ContextMapping[],
): WantedContext[] {
  if (mappings.length === 0) {
    if (given === undefined) return [];
    throw illegalArgument(`suggester [${field}] doesn't expect any context`);
  }
  const wanted = Object.entries(isObject(given) ? given : {}).flatMap(([name, queries]) => {
    const mapping = mappings.find((candidate) => candidate.name === name);
    if (mapping === undefined) throw unknownContext(name, mappings);
    return valuesOf(mapping, queries).flatMap((query) =>
      mapping.type === "geo" ? wantedPlaces(mapping, query) : wantedCategory(mapping, query),
    );
  });
  if (wanted.length > 0) return wanted;
  throw illegalArgument("Missing mandatory contexts in context query");
}

function checkMembers(query: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(query))
    if (!known.includes(key)) throw notSupported(`[${key}] of a context in [completion]`);
}

function wantedCategory({ name }: ContextMapping, query: unknown): WantedContext[] {
  if (!isObject(query)) return [{ name, value: textOf(query), isPrefix: false, boost: 1 }];
  checkMembers(query, ["context", "boost", "prefix"]);
  const { context, boost, prefix } = query;
  return [{ name, value: textOf(context), isPrefix: prefix === true, boost: Number(boost ?? 1) }];
}

/** Length of geohashes: as it is given, or for a distance. */
function lengthOf(given: unknown): number {
  const length = Number(given);
  return Number.isInteger(length) ? length : geohashLength(distanceMetres(given));
}

/** A place with the cells around it. */
function wantedPlaces({ name, precision }: ContextMapping, query: unknown): WantedContext[] {
  const settings = isObject(query) ? query : {};
  checkMembers(settings, ["context", "boost", "precision", "neighbours", "lat", "lon"]);
  const point = toGeoPoint(
    isObject(query) ? (query["context"] ?? { lat: query["lat"], lon: query["lon"] }) : query,
  );
  const own = Math.min(precision, lengthOf(settings["precision"] ?? 12));
  const boost = Number(settings["boost"] ?? 1);
  const hash = geohash(point, own);
  const cells = new Set([hash]);
  const { neighbours } = settings;
  if (Array.isArray(neighbours)) {
    for (const level of (neighbours as readonly unknown[]).map(Number)) {
      if (level >= hash.length) continue;
      cells.add(hash.slice(0, level));
      for (const cell of around(point, level)) cells.add(cell);
    }
  } else if (hash.length === precision) for (const cell of around(point, own)) cells.add(cell);
  return [...cells].map((value) => ({
    name,
    value,
    isPrefix: value.length < precision,
    boost,
  }));
}

/** The geohashes of the cells around that of a point. */
function around({ lat, lon }: GeoPoint, length: number): string[] {
  const width = 360 / 2 ** Math.ceil((5 * length) / 2);
  const height = 180 / 2 ** Math.floor((5 * length) / 2);
  const steps = [-1, 0, 1];
  return steps.flatMap((north) =>
    steps.flatMap((east) => {
      const other = { lat: lat + north * height, lon: lon + east * width };
      if (Math.abs(other.lat) > 90) return [];
      if (other.lon > 180) other.lon -= 360;
      if (other.lon < -180) other.lon += 360;
      return [geohash(other, length)];
    }),
  );
}

/** The contexts of an input that are asked for, and the greatest of their boosts. */
export function meetContexts(
  wanted: readonly WantedContext[],
  held: ReadonlyMap<string, readonly string[]>,
):
  | { readonly contexts: ReadonlyMap<string, readonly string[]>; readonly boost: number }
  | undefined {
  const contexts = new Map<string, string[]>();
  let best: number | undefined;
  for (const { name, value, isPrefix, boost } of wanted) {
    for (const own of held.get(name) ?? []) {
      if (isPrefix ? !own.startsWith(value) : own !== value) continue;
      const known = contexts.get(name);
      if (known === undefined) contexts.set(name, [own]);
      else if (!known.includes(own)) known.push(own);
      best = Math.max(best ?? 0, boost);
    }
  }
  return best === undefined ? undefined : { contexts, boost: best };
}
