/** `distance_feature`: a score that falls with the distance from a date or a point. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
  EsError,
} from "../../es-error.ts";
import { doubleJson, doubleText, longJson } from "../../json/java-number.ts";
import { type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { parseDuration } from "../../values/duration.ts";
import type {
  Explanation,
  QueryExplanation,
  SearchContext,
  SearchDocument,
} from "../fields/document.ts";
import { type Field, resolveLeaf } from "../fields/field.ts";
import {
  arcDistance,
  createPointReader,
  distanceMetres,
  type GeoPoint,
  toGeoPoint,
} from "../fields/geo-point.ts";
import { createReader } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { boostOf, type CompiledQuery, matchNone, NO_MATCH } from "./compiled-query.ts";
import { count, match, noMatch } from "./explanation.ts";
import { evaluateFieldDate, inQuery, queryShardFailure } from "./shard-problem.ts";
import { inMember } from "../../json/object-parser.ts";

/** `distance_feature`. */
export function parseDistanceFeature(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["field", "origin", "pivot", "boost", "_name"].includes(key))
      throw parsingException(`[distance_feature] query does not support [${key}]`).at(body, key);
    if (!isFit(key, body[key])) {
      const reason = `[distance_feature] ${key} doesn't support values of type: ${tokenOf(body[key])}`;
      throw xContentParseException(reason).at(body, key);
    }
  }
  for (const key of ["field", "origin", "pivot"])
    if (body[key] === undefined) throw illegalArgument(`Required [${key}]`);
  const { origin } = body;
  if (Array.isArray(origin) && origin.length === 0)
    throw notSupported("an empty [origin] in [distance_feature]");
  if (typeof origin === "number" && !Number.isSafeInteger(Math.trunc(origin)))
    throw notSupported("so large an [origin] in [distance_feature]");
  if (typeof origin === "object")
    inMember("distance_feature", "origin", body, () => pointAt(origin));
  const boost = boostOf("distance_feature", body);
  const field = resolveLeaf(context, textOf(body["field"]));
  if (field === undefined) return matchNone;
  const nearest = distanceOf(field, body, context);
  const score = (document: SearchDocument, factor: number): number => {
    const found = nearest.part(document);
    return found === undefined ? NO_MATCH : Math.fround(Math.fround(boost * factor) * found);
  };
  const explained: QueryExplanation = {
    text: `DistanceFeature(${field.name})`,
    explain(document, place, factor) {
      const found = score(document, factor);
      if (found === NO_MATCH)
        return noMatch(`Document ${place} doesn't have a value for field ${field.name}`);
      const { what, details } = nearest.explain(document);
      const reason = `Distance score, computed as weight * pivotDistance / (pivotDistance + abs(${what})) from:`;
      return match(found, reason, [match(boost * factor, "weight"), ...details]);
    },
  };
  return {
    score: (document) => score(document, 1),
    isConstant: false,
    explained: () => explained,
  };
}

/** What is no single value is read as a point. @throws {EsError} at its end for what is none */
function pointAt(origin: unknown): void {
  try {
    toGeoPoint(origin);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw error.standingAt(origin as object, undefined, "end");
  }
}

function pointText({ lat, lon }: GeoPoint): string {
  return `${doubleText(lat)}, ${doubleText(lon)}`;
}

function noPoint(context: SearchContext): EsError {
  const reason =
    "Illegal type [class java.lang.Long] for [origin]! Must be of type [geo_point] or [string] for geo_point fields!";
  return queryShardFailure(context, "illegal_argument_exception", reason);
}

function isFit(key: string, value: unknown): boolean {
  if (key === "origin") return value !== null && typeof value !== "boolean";
  return (key !== "pivot" && key !== "field") || typeof value === "string";
}

/** How near documents are to an origin. */
interface Nearness {
  /** The part of the boost that a document gets: 1 at the origin, 1/2 at the pivot. */
  readonly part: (document: SearchDocument) => number | undefined;
  readonly explain: (document: SearchDocument) => {
    readonly what: string;
    readonly details: readonly Explanation[];
  };
}

function distanceOf(field: Field, body: JsonObject, context: SearchContext): Nearness {
  const { origin, pivot } = body;
  if (field.type === "geo_point") {
    if (typeof origin === "number") throw noPoint(context);
    const from = inQuery(context, () => toGeoPoint(origin));
    const middle = inQuery(context, () => distanceMetres(pivot));
    const read = createPointReader(field);
    const nearest = (document: SearchDocument): { point: GeoPoint; metres: number } | undefined =>
      read(document)
        .map((point) => ({ point, metres: arcDistance(from, point) }))
        .sort((a, b) => a.metres - b.metres)[0];
    return {
      part(document) {
        const found = nearest(document);
        return found === undefined ? undefined : middle / (middle + found.metres);
      },
      explain(document) {
        const { point, metres } = nearest(document) ?? { point: from, metres: 0 };
        const details = [
          exactly(middle, "pivotDistance"),
          exactly(from.lat, "originLat"),
          exactly(from.lon, "originLon"),
          exactly(point.lat, "current lat"),
          exactly(point.lon, "current lon"),
          exactly(metres, "distance"),
        ];
        return { what: "distance", details };
      },
    };
  }
  if (field.kind !== "date") {
    const reason = `Illegal data type of [${field.type}]![distance_feature] query can only be run on a date, date_nanos or geo_point field type!`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  if (!field.hasDocValues || !field.isIndexed)
    throw notSupported("[distance_feature] over a field without an index or doc values");
  const given = typeof origin === "object" ? pointText(toGeoPoint(origin)) : origin;
  const from = evaluateFieldDate(context, field, given, { roundUp: true }, inQuery);
  const middle = pivotOf(field, pivot, context);
  const read = createReader(field);
  const distance = (value: IndexedValue): number => Math.abs(Number(BigInt(value) - BigInt(from)));
  const nearest = (document: SearchDocument): IndexedValue | undefined =>
    [...read(document)].sort((a, b) => distance(a) - distance(b))[0];
  return {
    part(document) {
      const value = nearest(document);
      return value === undefined ? undefined : middle / (middle + distance(value));
    },
    explain: (document) => ({
      what: "value - origin",
      details: [
        count(middle, "pivotDistance"),
        whole(from, "origin"),
        whole(nearest(document) ?? 0, "current value"),
      ],
    }),
  };
}

/** Milliseconds or nanoseconds, with all their digits. */
function whole(value: IndexedValue, description: string): Explanation {
  return { ...count(Number(value), description), value: longJson(BigInt(value)) };
}

/** A double, with all its digits. */
function exactly(value: number, description: string): Explanation {
  return { ...count(value, description), value: doubleJson(value) };
}

function pivotOf(field: Field, pivot: unknown, context: SearchContext): number {
  const ms = inQuery(context, () => parseDuration(textOf(pivot), "distance_feature.pivot"));
  return field.type === "date_nanos" ? ms * 1e6 : ms;
}
