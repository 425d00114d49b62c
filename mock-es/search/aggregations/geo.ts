/** Aggregations over points: `geo_bounds`, `geo_centroid`, `geohash_grid`, `geotile_grid`. */
import { notSupported } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { requireDocValues } from "../fields/doc-values.ts";
import {
  createPointReader,
  distanceMetres,
  geohash,
  geohashLength,
  type GeoPoint,
  geotile,
} from "../fields/geo-point.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationParser,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import { byIndex } from "./by-index.ts";

/** Reads the points of the field of an aggregation. @throws {EsError} for other fields */
export function pointSource(
  type: string,
  body: JsonObject,
  context: AggregationContext,
): (document: SearchDocument) => readonly GeoPoint[] {
  const name = textOf(body["field"] ?? "");
  if (body["missing"] !== undefined) throw notSupported(`[missing] in [${type}]`);
  const readers = byIndex(context, (shard) => {
    const field = resolveField(shard, name);
    if (field === undefined || field.kind === "object" || field.kind === "nested") return () => [];
    if (field.type !== "geo_point") {
      requireDocValues(field, shard);
      const reason = `Field [${field.name}] of type [${field.type}] is not supported for aggregation [${type}]`;
      throw shardFailure(shard.index, "illegal_argument_exception", reason);
    }
    return createPointReader(field);
  });
  return (document) => readers(document)?.(document) ?? [];
}

const shown = ({ lat, lon }: GeoPoint): Readonly<Record<string, unknown>> => ({
  lat: doubleJson(lat),
  lon: doubleJson(lon),
});

/** `geo_bounds`: the smallest box around all points; it does not cross the date line. */
export const parseGeoBounds: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("geo_bounds", body, ["field", "missing", "wrap_longitude"]);
  const read = pointSource("geo_bounds", body, context);
  if (body["wrap_longitude"] === false) throw notSupported("[wrap_longitude] in [geo_bounds]");
  return {
    resultType: "geo_bounds",
    create() {
      const lats: number[] = [];
      const lons: number[] = [];
      return {
        collect(document) {
          for (const { lat, lon } of read(document)) {
            lats.push(lat);
            lons.push(lon);
          }
        },
        result() {
          if (lats.length === 0) return {};
          const [west, east] = narrowest(lons);
          return {
            bounds: {
              top_left: shown({ lat: Math.max(...lats), lon: west }),
              bottom_right: shown({ lat: Math.min(...lats), lon: east }),
            },
          };
        },
      };
    },
  };
};

/** The narrower of the two ways around the earth: directly, or across the date line. */
function narrowest(lons: readonly number[]): readonly [west: number, east: number] {
  const positive = lons.filter((lon) => lon >= 0);
  const negative = lons.filter((lon) => lon < 0);
  if (positive.length === 0 || negative.length === 0) return [Math.min(...lons), Math.max(...lons)];
  const direct = Math.max(...positive) - Math.min(...negative);
  const across = 360 - Math.min(...positive) + Math.max(...negative);
  return direct <= across
    ? [Math.min(...negative), Math.max(...positive)]
    : [Math.min(...positive), Math.max(...negative)];
}

/** `geo_centroid`: the middle of all points. */
export const parseGeoCentroid: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("geo_centroid", body, ["field", "missing"]);
  const read = pointSource("geo_centroid", body, context);
  return {
    resultType: "geo_centroid",
    create() {
      let [count, lats, lons] = [0, 0, 0];
      return {
        collect(document) {
          for (const { lat, lon } of read(document)) {
            count++;
            lats += lat;
            lons += lon;
          }
        },
        result: () => ({
          ...(count === 0 ? {} : { location: shown({ lat: lats / count, lon: lons / count }) }),
          count,
        }),
      };
    },
  };
};

function gridParser(
  type: string,
  usual: number,
  cellOf: (point: GeoPoint, precision: number) => string,
): AggregationParser {
  return (_name, body, sub, context) => {
    checkSettings(type, body, ["field", "precision", "size", "shard_size", "bounds", "missing"]);
    if (body["bounds"] !== undefined) throw notSupported(`[bounds] in [${type}]`);
    const given = body["precision"] ?? usual;
    const isDistance = typeof given === "string" && !/^\d+$/.test(given);
    if (isDistance && type !== "geohash_grid")
      throw notSupported(`[precision] as a distance in [${type}]`);
    const precision = isDistance ? geohashLength(distanceMetres(given)) : Number(given);
    if (isDistance && precision > 12) throw notSupported(`so short a [precision] in [${type}]`);
    const size = body["size"] === undefined ? 10_000 : wholeNumber("size", body["size"]);
    const shardSize =
      body["shard_size"] === undefined
        ? Math.trunc(size * 1.5) + 10
        : Math.max(size, wholeNumber("shard_size", body["shard_size"]));
    const read = pointSource(type, body, context);
    return {
      resultType: type,
      create() {
        const buckets = new Map<string, Bucket>();
        return {
          collect(document, score) {
            for (const key of new Set(read(document).map((point) => cellOf(point, precision)))) {
              let bucket = buckets.get(key);
              if (bucket === undefined) buckets.set(key, (bucket = new Bucket(sub, context)));
              bucket.collect(document, score);
            }
          },
          result() {
            if (context.shards.length > 1 && buckets.size > shardSize)
              throw notSupported(`more cells than [shard_size] in [${type}] over several shards`);
            const sorted = [...buckets]
              .sort(([a, one], [b, other]) => other.docCount - one.docCount || (a < b ? 1 : -1))
              .slice(0, size);
            const list = sorted.map(([key, bucket]) => ({ key, ...bucket.result() }));
            return { buckets: finishBuckets(list, sub, context) };
          },
        };
      },
    };
  };
}

/** `geohash_grid`. */
export const parseGeohashGrid = gridParser("geohash_grid", 5, geohash);

/** `geotile_grid`. */
export const parseGeotileGrid = gridParser("geotile_grid", 7, geotile);
