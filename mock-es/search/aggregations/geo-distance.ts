/** `geo_distance`: buckets by the distance from a point. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleJson, doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { arcDistance, planeDistance, toGeoPoint, unitMetres } from "../fields/geo-point.ts";
import { shardFailure } from "../problem.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
} from "./aggregation.ts";
import { pointSource } from "./geo.ts";
import { type Range, rangeKind, listedRanges, readRanges } from "./range.ts";

/** `geo_distance`; distances are always those of an arc, as the nearest points of both are near. */
export function parseGeoDistanceRanges(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("geo_distance", body, [
    "field",
    "missing",
    "origin",
    "center",
    "point",
    "por",
    "unit",
    "distance_type",
    "keyed",
    "ranges",
  ]);
  const given = body["origin"] ?? body["center"] ?? body["point"] ?? body["por"];
  if (given === undefined) throw illegalArgument(`Aggregation [${name}] must define an [origin].`);
  if (!isPlainPoint(given)) throw notSupported("such an [origin] in [geo_distance]");
  const origin = toGeoPoint(given);
  const unit = unitMetres(textOf(body["unit"] ?? "m"));
  const distanceOf =
    textOf(body["distance_type"] ?? "arc").toLowerCase() === "plane" ? planeDistance : arcDistance;
  const readPoints = pointSource("geo_distance", body, context);
  const { ranges: asked } = body;
  if (Array.isArray(asked) && asked.length === 0) {
    const reason = `No [ranges] specified for the [${name}] aggregation`;
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  const ranges = readRanges(
    listedRanges("geo_distance", name, body, context),
    Number,
    doubleText,
  ).map((range) => ({
    ...range,
    // A range from the point itself is shown as an open one.
    key: range.from === 0 ? range.key.replace(/^0\.0-/, "*-") : range.key,
    from: range.from ?? 0,
  }));
  const showBounds = ({ from, to }: Range<number>): Record<string, unknown> => ({
    from: doubleJson(from ?? 0),
    ...(to === undefined ? {} : { to: doubleJson(to) }),
  });
  const distances: number[] = [];
  const read = (document: Parameters<typeof readPoints>[0]): readonly number[] => {
    distances.length = 0;
    for (const point of readPoints(document)) distances.push(distanceOf(origin, point) / unit);
    return distances;
  };
  const plan = { source: { read }, ranges, isKeyed: body["keyed"] === true, showBounds };
  return rangeKind("geo_distance", plan, sub, context);
}

/** Beyond these the sines of JavaScript and Java are others, and at last none. */
const mostDegrees = 1e6;

/** The server passes over parts of lists within points, and takes an empty one for nowhere. */
function isPlainPoint(given: unknown): boolean {
  if (Array.isArray(given)) return given.length > 0;
  if (!isObject(given)) return true;
  return [given["lat"], given["lon"]].every(
    (degrees) => !Array.isArray(degrees) && !(Math.abs(Number(degrees)) > mostDegrees),
  );
}
