/** `geo_distance` and `geo_bounding_box`. */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import {
  arcDistance,
  createPointReader,
  distanceMetres,
  type GeoPoint,
  indexed,
  toGeoPoint,
} from "../fields/geo-point.ts";
import { booleanSetting } from "./clause.ts";
import { placeOfCenter, readCenter } from "./geo-center.ts";
import {
  boostOf,
  type CompiledQuery,
  constantScore,
  matchNone,
  numberOf,
} from "./compiled-query.ts";
import { queryShardRefusal } from "./shard-problem.ts";

const common = ["validation_method", "ignore_unmapped", "boost", "_name"];

/** The points of a field; `undefined` for one that is not there and need not be. */
function pointsOf(
  query: string,
  name: string,
  body: JsonObject,
  context: SearchContext,
): ((document: SearchDocument) => readonly GeoPoint[]) | undefined {
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested") {
    if (booleanSetting(body, "ignore_unmapped", false)) return undefined;
    throw queryShardRefusal(context, `failed to find geo field [${name}]`);
  }
  if (field.type === "geo_point") return createPointReader(field);
  if (field.type === "geo_shape") throw notSupported(`[${query}] on a [geo_shape]`);
  throw queryShardRefusal(
    context,
    `Field [${name}] is of unsupported type [${field.type}] for [${query}] query`,
  );
}

/** `geo_distance`: documents with a point within a distance of another. */
export function parseGeoDistance(body: JsonObject, context: SearchContext): CompiledQuery {
  const name = readDistanceMembers(body) ?? "";
  if (body["distance"] === undefined)
    throw parsingException("geo_distance requires 'distance' to be specified").at(
      body,
      undefined,
      "end",
    );
  const kind = textOf(body["distance_type"] ?? "arc").toLowerCase();
  if (kind !== "arc" && kind !== "plane") throw illegalArgument(`No geo distance for [${kind}]`);
  const distance = distanceMetres(body["distance"], textOf(body["unit"] ?? "m"));
  if (!(distance > 0)) throw illegalArgument("distance must be greater than zero");
  if (name === "") throw illegalArgument("fieldName must not be null or empty");
  const given = readCenter(body, name);
  const boost = boostOf("geo_distance", body);
  const read = pointsOf("geo_distance", name, body, context);
  if (read === undefined) return matchNone;
  const center = placeOfCenter(given, name, body["validation_method"], context);
  return constantScore(
    (document) => read(document).some((point) => arcDistance(center, point) <= distance),
    boost,
    () => {
      const { lat, lon } = indexed(center);
      const circle = `Circle([${doubleText(lat)},${doubleText(lon)}] radius = ${doubleText(distance)} meters)`;
      return `${name}:INTERSECTS:geometries([${circle}])`;
    },
  );
}

const distanceMembers = ["distance", "unit", "distance_type", ...common];

/** Reads the members in their order and gives the name of the field. @throws {EsError} */
function readDistanceMembers(body: JsonObject): string | undefined {
  let name: string | undefined;
  for (const [key, value] of Object.entries(body)) {
    if (value === null) continue;
    if (distanceMembers.includes(key)) {
      if (key === "distance" && typeof value === "boolean")
        throw notSupported("[distance] that is no number in [geo_distance]");
      if (key === "boost") numberOf(value);
      continue;
    }
    if (typeof value === "number" || typeof value === "boolean")
      throw notSupported("a number as a point in [geo_distance]");
    if (typeof value !== "object" && name !== undefined) {
      const reason = `failed to parse [geo_distance] query. unexpected field [${key}]`;
      throw parsingException(reason).at(body, key);
    }
    if (name !== undefined && isObject(value)) {
      const reason = `[geo_distance] query doesn't support multiple fields, found [${name}] and [${key}]`;
      throw parsingException(reason).at(body, key);
    }
    if (isObject(value)) {
      checkCenter(key, value);
      readCenter(body, key);
    }
    name = key;
  }
  return name;
}

/** Refuses by name a point whose refusal is that of Java's parser. */
function checkCenter(key: string, value: JsonObject): void {
  for (const [member, given] of Object.entries(value)) {
    if (given === null || (Array.isArray(given) && given.length === 0)) continue;
    if (["type", "coordinates", "z"].includes(member) || typeof given === "object")
      throw notSupported(`[${member}] of a point in [geo_distance]`);
    if (member !== "lat" && member !== "lon") continue;
    if (typeof given !== "number" && typeof given !== "string")
      throw notSupported(`[${member}] of [${key}] that is no number in [geo_distance]`);
  }
}

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** `geo_bounding_box`: documents with a point in a box, which may cross the date line. */
export function parseGeoBoundingBox(body: JsonObject, context: SearchContext): CompiledQuery {
  const names = Object.keys(body).filter((key) => !common.includes(key));
  const wrong = names.find((key) => body[key] !== null && typeof body[key] !== "object");
  if (wrong !== undefined) {
    const reason = `failed to parse [geo_bounding_box] query. unexpected field [${wrong}]`;
    throw parsingException(reason).at(body, wrong);
  }
  const boxes = names.filter((key) => isObject(body[key]));
  if (boxes.length > 1) throw notSupported("several boxes in [geo_bounding_box]");
  const [name] = boxes.length > 0 ? boxes : names;
  if (name === undefined)
    throw new EsError(400, "parsing_exception", "failed to parse bounding box");
  const box = toBox(body[name]);
  if (box.top < box.bottom) {
    throw illegalArgument(
      `top is below bottom corner: ${doubleText(box.top)} vs. ${doubleText(box.bottom)}`,
    );
  }
  const boost = boostOf("geo_bounding_box", body);
  const read = pointsOf("geo_bounding_box", name, body, context);
  if (read === undefined) return matchNone;
  const text = (): string => {
    const [least, most] = [
      indexed({ lat: box.bottom, lon: box.left }),
      indexed({ lat: box.top, lon: box.right }),
    ];
    const sides = [
      `minLat=${doubleText(least.lat)}, maxLat=${doubleText(most.lat)}`,
      `minLon=${doubleText(least.lon)}, maxLon=${doubleText(most.lon)}`,
    ];
    return `${name}:box(${sides.join(", ")})`;
  };
  const accepts = (document: SearchDocument): boolean =>
    read(document).some((point) => isIn(box, point));
  return constantScore(accepts, boost, text);
}

/** How far stored degrees may be from those that were written. */
const tolerance = 1e-7;

function isIn({ top, bottom, left, right }: Box, { lat, lon }: GeoPoint): boolean {
  if (lat > top || lat < bottom - tolerance) return false;
  const isRight = lon >= left - tolerance;
  const isLeft = lon <= right;
  return left <= right ? isRight && isLeft : isRight || isLeft;
}

const boxMembers =
  "top bottom left right top_left topLeft bottom_right bottomRight top_right topRight bottom_left bottomLeft".split(
    " ",
  );

function boxProblem(problem: string): EsError {
  const reason = `failed to parse bounding box. ${problem}`;
  const text = `failed to parse [geo_bounding_box] query. [${reason}]`;
  return new EsError(400, "parse_exception", text, {
    caused_by: { type: "parse_exception", reason },
  });
}

function toBox(given: unknown): Box {
  if (!isObject(given)) throw parsingException("failed to parse bounding box");
  const { wkt } = given;
  if (wkt !== undefined) {
    const found = /^BBOX\s*\(([^,]+),([^,]+),([^,]+),([^,]+)\)$/i.exec(textOf(wkt).trim());
    if (found === null) throw parsingException("failed to parse WKT bounding box");
    const [left = 0, right = 0, top = 0, bottom = 0] = found.slice(1).map(Number);
    return { left, right, top, bottom };
  }
  const corner = (first: string, second: string): GeoPoint | undefined => {
    const value = given[first] ?? given[second];
    return value === undefined ? undefined : toGeoPoint(value);
  };
  const topLeft = corner("top_left", "topLeft");
  const bottomRight = corner("bottom_right", "bottomRight");
  const topRight = corner("top_right", "topRight");
  const bottomLeft = corner("bottom_left", "bottomLeft");
  const [unknown] = Object.keys(given).filter((key) => !boxMembers.includes(key));
  if (unknown !== undefined) throw boxProblem(`unexpected field [${unknown}]`);
  const side = (member: string, ...values: readonly (number | undefined)[]): number => {
    const own = given[member];
    const isEmpty = typeof own === "string" && own.trim() === "";
    const isNumber =
      /^(?:string|number)$/.test(typeof own) && !isEmpty && !Number.isNaN(Number(own));
    if (own !== undefined && !isNumber)
      throw notSupported(`[${member}] of a box that is no number`);
    const value = own === undefined ? values.find((v) => v !== undefined) : Number(own);
    if (value === undefined)
      throw parsingException(`failed to parse bounding box: [${member}] is missing`);
    return value;
  };
  return {
    top: side("top", topLeft?.lat, topRight?.lat),
    bottom: side("bottom", bottomRight?.lat, bottomLeft?.lat),
    left: side("left", topLeft?.lon, bottomLeft?.lon),
    right: side("right", bottomRight?.lon, topRight?.lon),
  };
}
