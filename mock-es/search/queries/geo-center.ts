/** The point around which `geo_distance` looks. */
import { EsError, parsingException } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { type GeoPoint, heightOf, normalised, toGeoPoint } from "../fields/geo-point.ts";
import { numberOf } from "./compiled-query.ts";
import { queryShardFailure } from "./shard-problem.ts";

/**
 * Reads the point of a member; what it does not say is NaN.
 *
 * @throws {EsError} 400 in the server's words, or for what is not read
 */
export function readCenter(body: JsonObject, name: string): GeoPoint {
  const value = body[name];
  if (isObject(value)) return ofObject(value, name);
  if (!Array.isArray(value)) return toGeoPoint(value);
  const [lon, lat] = value as readonly unknown[];
  if (value.length < 2 && value.every((each) => typeof each === "number"))
    return { lat: NaN, lon: lon === undefined ? NaN : numberOf(lon) };
  if (value.length > 2 && typeof lon === "number" && typeof lat === "number") {
    const height = doubleText(heightOf(value) ?? NaN);
    const reason = `Exception parsing coordinates: found Z value [${height}] but [ignore_z_value] parameter is [false]`;
    throw new EsError(400, "parse_exception", reason);
  }
  return toGeoPoint(value);
}

function ofObject(value: JsonObject, name: string): GeoPoint {
  let point = { lat: NaN, lon: NaN };
  for (const [member, given] of Object.entries(value)) {
    // The server's reader passes over what is no value.
    if (given === null || (Array.isArray(given) && given.length === 0)) continue;
    if (member === "geohash") point = toGeoPoint(given);
    else if (member === "lat" || member === "lon") point[member] = numberOf(given);
    else
      throw parsingException(`[geo_distance] query does not support [${name}]`).at(value, member);
  }
  return point;
}

/**
 * The place of a center for a shard.
 *
 * @throws {EsError} the refusal of the shard of one that is no place on the earth
 */
export function placeOfCenter(
  center: GeoPoint,
  name: string,
  method: unknown,
  context: SearchContext,
): GeoPoint {
  const mode = textOf(method ?? "strict").toLowerCase();
  if (mode !== "ignore_malformed" && mode !== "coerce") {
    const problems = problemsOf(center).map(
      ({ what, value }, at) =>
        `${at + 1}: [geo_distance] center point ${what} is invalid: ${value};`,
    );
    if (problems.length === 0) return center;
    const text = "couldn't validate latitude/ longitude values";
    const reason = `Validation Failed: ${problems.join("")}`;
    throw queryShardFailure(context, "query_validation_exception", reason, text);
  }
  const place = mode === "coerce" ? normalised(center) : center;
  const [problem] = problemsOf(place);
  if (problem === undefined) return place;
  const { what, value, most } = problem;
  const reason = `invalid ${what} ${value}; must be between -${most} and ${most}`;
  const text = `Exception creating query on Field [${name}] ${reason}`;
  throw queryShardFailure(context, "illegal_argument_exception", reason, text);
}

interface Problem {
  readonly what: string;
  readonly value: string;
  readonly most: string;
}

function problemsOf({ lat, lon }: GeoPoint): Problem[] {
  const found: Problem[] = [];
  if (!(Math.abs(lat) <= 90))
    found.push({ what: "latitude", value: doubleText(lat), most: "90.0" });
  if (!(Math.abs(lon) <= 180))
    found.push({ what: "longitude", value: doubleText(lon), most: "180.0" });
  return found;
}
