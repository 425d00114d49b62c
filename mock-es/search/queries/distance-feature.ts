/** `distance_feature`: a score that falls with the distance from a date or a point. */
import { illegalArgument, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { tryDuration } from "../../values/duration.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { arcDistance, createPointReader, distanceMetres, toGeoPoint } from "../fields/geo-point.ts";
import { createReader } from "../fields/reader.ts";
import { boostOf, type CompiledQuery, matchNone, NO_MATCH } from "./compiled-query.ts";
import { evaluateFieldDate, inQuery, queryShardFailure } from "./shard-problem.ts";

/** `distance_feature`. */
export function parseDistanceFeature(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["field", "origin", "pivot", "boost", "_name"].includes(key))
      throw parsingException(`[distance_feature] query does not support [${key}]`).at(body, key);
  }
  for (const key of ["field", "origin", "pivot"])
    if (body[key] === undefined) throw illegalArgument(`Required [${key}]`);
  const boost = boostOf("distance_feature", body);
  const field = resolveField(context, textOf(body["field"]));
  if (field === undefined) return matchNone;
  const nearest = distanceOf(field, body, context);
  return {
    score(document) {
      const found = nearest(document);
      return found === undefined ? NO_MATCH : Math.fround(boost * found);
    },
    isConstant: false,
  };
}

/** The part of the boost that a document gets: 1 at the origin, 1/2 at the pivot. */
function distanceOf(
  field: Field,
  body: JsonObject,
  context: SearchContext,
): (document: SearchDocument) => number | undefined {
  const { origin, pivot } = body;
  if (field.type === "geo_point") {
    const from = inQuery(context, () => toGeoPoint(origin));
    const middle = distanceMetres(pivot);
    const read = createPointReader(field);
    return (document) => {
      const points = read(document);
      if (points.length === 0) return undefined;
      const least = Math.min(...points.map((point) => arcDistance(from, point)));
      return middle / (middle + least);
    };
  }
  if (field.kind !== "date") {
    const reason = `Illegal data type of [${field.type}]![distance_feature] query can only be run on a date, date_nanos or geo_point field type!`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const from = evaluateFieldDate(context, field, origin, { roundUp: true }, inQuery);
  const middle = pivotOf(field, pivot, context);
  const read = createReader(field);
  return (document) => {
    let least = Infinity;
    for (const value of read(document)) {
      const distance = Math.abs(Number(BigInt(value) - BigInt(from)));
      if (distance < least) least = distance;
    }
    return least === Infinity ? undefined : middle / (middle + least);
  };
}

function pivotOf(field: Field, pivot: unknown, context: SearchContext): number {
  const ms = tryDuration(textOf(pivot));
  if (ms === undefined) {
    const reason = `failed to parse setting [distance_feature.pivot] with value [${textOf(pivot)}] as a time value: unit is missing or unrecognized`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  return field.type === "date_nanos" ? ms * 1e6 : ms;
}
