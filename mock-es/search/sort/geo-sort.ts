/** Sorting by the distance to a point. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import {
  arcDistance,
  createPointReader,
  planeDistance,
  pointValues,
  toGeoPoint,
  unitMetres,
} from "../fields/geo-point.ts";
import { shardFailure } from "../problem.ts";
import type { SortKey } from "./sort-key.ts";

const known = [
  "order",
  "mode",
  "unit",
  "distance_type",
  "validation_method",
  "ignore_unmapped",
  "nested",
];

/** `_geo_distance`: documents without a point are infinitely far. */
export function geoDistanceKey(settings: JsonObject, context: SearchContext): SortKey {
  const names = Object.keys(settings).filter((key) => !known.includes(key));
  const name = names.at(-1);
  // Lists of points are put together, and belong to the last field that is named.
  const isList = names.every((key) => Array.isArray(settings[key]));
  if (name === undefined || (names.length > 1 && !isList))
    throw parsingException("Trying to reset fieldName to []");
  if (settings["nested"] !== undefined) throw notSupported("[nested] of [_geo_distance]");
  const order = textOf(settings["order"] ?? "asc").toLowerCase();
  const isDescending = order === "desc";
  const mode = textOf(settings["mode"] ?? (isDescending ? "max" : "min")).toLowerCase();
  if (mode === "sum")
    throw illegalArgument("sort_mode [sum] isn't supported for sorting by geo distance");
  const unit = unitMetres(textOf(settings["unit"] ?? "m"));
  const targets = names.flatMap((key) => pointValues(settings[key])).map(toGeoPoint);
  const field = resolveField(context, name);
  if (field?.type !== "geo_point") {
    if (field === undefined && String(settings["ignore_unmapped"]) === "true")
      return keyOf(() => Infinity, isDescending);
    const reason =
      field === undefined
        ? `failed to find mapper for [${name}] for geo distance based sort`
        : `unable to apply geo distance sort to field [${name}] of type [${field.type}]`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const read = createPointReader(field);
  // Lucene's own sort, which the server takes where it can, knows no other distance.
  const isOfLucene = unit === 1 && mode === "min" && !isDescending && targets.length === 1;
  const isPlane = textOf(settings["distance_type"] ?? "arc").toLowerCase() === "plane";
  const distanceOf = isPlane && !isOfLucene ? planeDistance : arcDistance;
  return keyOf((document) => {
    const distances = read(document).flatMap((point) =>
      targets.map((target) => distanceOf(target, point) / unit),
    );
    return distances.length === 0 ? Infinity : combined(distances, mode);
  }, isDescending);
}

function combined(distances: readonly number[], mode: string): number {
  if (mode === "max") return Math.max(...distances);
  if (mode === "min") return Math.min(...distances);
  const sorted = distances.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (mode === "median")
    return sorted.length % 2 === 1
      ? (sorted[middle] ?? 0)
      : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
}

function keyOf(read: SortKey["read"], isDescending: boolean): SortKey {
  return {
    kind: "field",
    valueType: "double",
    compare: (a, b) =>
      a === b ? 0 : (isDescending ? Number(b) > Number(a) : Number(a) > Number(b)) ? 1 : -1,
    read,
    show: (value) => doubleJson(Number(value)),
    parse: Number,
  };
}
