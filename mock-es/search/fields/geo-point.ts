/** Points on the earth: the forms they are written in, and how far they are from each other. */
import { tableArcSine, tableCosine } from "../../values/table-trigonometry.ts";
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleJson, doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "./document.ts";
import type { Field } from "./field.ts";
import { collectGiven, rootOf } from "./reader.ts";

/** A point, in degrees. */
export interface GeoPoint {
  readonly lat: number;
  readonly lon: number;
}

/**
 * Reads a point: an object, `lat,lon`, `[lon, lat]`, a geohash, `POINT (lon lat)` or GeoJSON.
 *
 * @throws {EsError} 400 `parse_exception` in the server's words
 */
export function toGeoPoint(value: unknown): GeoPoint {
  if (typeof value === "string") return pointOfText(value);
  if (Array.isArray(value)) {
    if (value.length > 3) throw unreadable("[geo_point] field type does not accept > 3 dimensions");
    if (!value.every(isNumber)) throw unreadable("numeric value expected");
    if (value.length < 2) throw unreadable("geo_point expected");
    return { lon: numberOf(value[0], "longitude"), lat: numberOf(value[1], "latitude") };
  }
  if (!isObject(value)) throw unreadable("geo_point expected");
  return pointOfObject(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || isRawNumber(value);
}

const members: readonly string[] = ["lon", "lat", "z", "type", "coordinates"];

function pointOfObject(object: JsonObject): GeoPoint {
  for (const name of Object.keys(object)) {
    if (members.includes(name)) continue;
    throw unreadable(`field [${name}] not supported - must be one of: ${members.join(", ")}`);
  }
  const { lat, lon, type, coordinates } = object;
  if (type !== undefined || coordinates !== undefined) return pointOfGeoJson(type, coordinates);
  if (lat === undefined && lon === undefined)
    throw unreadable("field must be either lat/lon, geohash string or type/coordinates");
  for (const name of ["lat", "lon"])
    if (object[name] === undefined) throw unreadable(`Required [${name}]`);
  return { lat: degreesOf(lat, "latitude"), lon: degreesOf(lon, "longitude") };
}

function pointOfGeoJson(type: unknown, coordinates: unknown): GeoPoint {
  if (type === undefined) throw unreadable("Required [type]");
  if (coordinates === undefined) throw unreadable("Required [coordinates]");
  if (textOf(type).toLowerCase() !== "point")
    throw unreadable("[type] for geo_point can only be 'Point'");
  if (!Array.isArray(coordinates) || !coordinates.every(isNumber))
    throw notSupported("[coordinates] of a point that are not numbers");
  if (coordinates.length < 2) throw unreadable("[coordinates] must contain at least two values");
  return toGeoPoint(coordinates);
}

function degreesOf(value: unknown, what: string): number {
  if (typeof value === "string" && Number.isNaN(Number(value))) {
    throw unreadable(`[${what}] must be a valid double value`, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${value}"` },
    });
  }
  if (typeof value === "boolean" || isObject(value) || Array.isArray(value))
    throw unreadable(`${what} must be a number`);
  return numberOf(value, what);
}

function unreadable(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "parse_exception", reason, extra);
}

function numberOf(value: unknown, what: string): number {
  const number = isRawNumber(value) ? Number(value.rawJSON) : Number(value);
  if (Number.isNaN(number) || value === "" || value === null)
    throw unreadable(`${what} must be a number`);
  return number;
}

function pointOfText(text: string): GeoPoint {
  const point = /^\s*POINT\s*\(\s*(\S+)\s+(\S+)(?:\s+\S+)?\s*\)\s*$/i.exec(text);
  if (point !== null)
    return { lon: numberOf(point[1], "longitude"), lat: numberOf(point[2], "latitude") };
  if (/^\s*POINT/i.test(text)) throw notSupported(`the point [${text}]`);
  if (!text.includes(",")) return pointOfHash(text);
  const [lat = "", lon = "", ...more] = text.split(",");
  if (more.length > 1) {
    const found = more.length + 2;
    throw unreadable(`failed to parse [${found}], expected 2 or 3 coordinates but found: [{}]`);
  }
  if (lon === "") throw notSupported(`the point [${text}]`);
  return { lat: numberOf(lat.trim(), "latitude"), lon: numberOf(lon.trim(), "longitude") };
}

const hashAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The lower left corner of a geohash's cell, as the server takes it. */
function pointOfHash(hash: string): GeoPoint {
  if (hash === "") {
    const reason = "empty geohash";
    throw unreadable(reason, { caused_by: { type: "illegal_argument_exception", reason } });
  }
  const range = { lat: [-90, 90], lon: [-180, 180] };
  let isLon = true;
  // The server looks at no more.
  for (const character of hash.slice(0, 12)) {
    const digit = hashAlphabet.indexOf(character);
    if (digit < 0) {
      const reason = `unsupported symbol [${character}] in geohash [${hash}]`;
      throw unreadable(reason, { caused_by: { type: "illegal_argument_exception", reason } });
    }
    for (let bit = 4; bit >= 0; bit--) {
      const [low = 0, high = 0] = isLon ? range.lon : range.lat;
      const middle = (low + high) / 2;
      range[isLon ? "lon" : "lat"] = (digit >> bit) & 1 ? [middle, high] : [low, middle];
      isLon = !isLon;
    }
  }
  return { lat: range.lat[0] ?? 0, lon: range.lon[0] ?? 0 };
}

/** The geohash of a point. */
export function geohash({ lat, lon }: GeoPoint, length: number): string {
  let [south, north, west, east] = [-90, 90, -180, 180];
  let hash = "";
  let isLon = true;
  for (let at = 0; at < length; at++) {
    let digit = 0;
    for (let bit = 0; bit < 5; bit++) {
      digit <<= 1;
      const middle = isLon ? (west + east) / 2 : (south + north) / 2;
      const isUpper = (isLon ? lon : lat) >= middle;
      if (isUpper) digit |= 1;
      if (isLon) [west, east] = isUpper ? [middle, east] : [west, middle];
      else [south, north] = isUpper ? [middle, north] : [south, middle];
      isLon = !isLon;
    }
    hash += hashAlphabet[digit] ?? "";
  }
  return hash;
}

/** The tile of a point on a map of a zoom: `zoom/x/y`. */
export function geotile({ lat, lon }: GeoPoint, zoom: number): string {
  const tiles = 2 ** zoom;
  const limited = Math.min(Math.max(lat, -85.051_128_78), 85.051_128_78);
  const sine = Math.sin((limited * Math.PI) / 180);
  const x = Math.min(tiles - 1, Math.floor(((lon + 180) / 360) * tiles));
  const height = 0.5 - (0.25 * Math.log((1 + sine) / (1 - sine))) / Math.PI;
  const y = Math.min(tiles - 1, Math.max(0, Math.floor(height * tiles)));
  return `${zoom}/${x}/${y}`;
}

/** A point as `fields` shows it. */
export function pointJson({ lat, lon }: GeoPoint): unknown {
  return { coordinates: [doubleJson(lon), doubleJson(lat)], type: "Point" };
}

/** A point as `docvalue_fields` shows it. */
export function pointText({ lat, lon }: GeoPoint): string {
  return `${doubleText(lat)}, ${doubleText(lon)}`;
}

const wktHeight = /^\s*POINT\s*\(\s*\S+\s+\S+\s+(\S+?)\s*\)/i;

/** The height of a point, which fields may refuse; `undefined` for none. */
export function heightOf(value: unknown): number | undefined {
  const height = isObject(value)
    ? (value["z"] ?? (Array.isArray(value["coordinates"]) ? value["coordinates"][2] : undefined))
    : Array.isArray(value)
      ? (value as readonly unknown[])[2]
      : typeof value === "string"
        ? (value.split(",")[2] ?? wktHeight.exec(value)?.[1])
        : undefined;
  return height === undefined ? undefined : numberOf(height, "z");
}

/** A point beyond the ends of the earth, on the other side of it (Elasticsearch's GeoUtils). */
export function normalised({ lat, lon }: GeoPoint): GeoPoint {
  if (Math.abs(lat) <= 90) return Math.abs(lon) <= 180 ? { lat, lon } : { lat, lon: around(lon) };
  const turned = around(lat);
  if (turned < -90) return { lat: -180 - turned, lon: around(lon + 180) };
  if (turned > 90) return { lat: 180 - turned, lon: around(lon + 180) };
  return { lat: turned, lon: around(lon) };
}

/** Degrees between -180 and 180. */
function around(degrees: number): number {
  let rest = degrees % 360;
  if (rest <= 0) rest += 360;
  return rest > 180 ? rest - 360 : rest;
}

/** What is wrong with the degrees of a point; `undefined` for nothing. */
export function pointProblem({ lat, lon }: GeoPoint, field: string): string | undefined {
  if (!(Math.abs(lat) <= 90)) return `illegal latitude value [${doubleText(lat)}] for ${field}`;
  if (!(Math.abs(lon) <= 180)) return `illegal longitude value [${doubleText(lon)}] for ${field}`;
  return undefined;
}

/** A point as the index holds it: each degree in 32 bits. */
export function indexed({ lat, lon }: GeoPoint): GeoPoint {
  const latStep = 180 / 2 ** 32;
  const lonStep = 360 / 2 ** 32;
  const most = 2 ** 31 - 1;
  return {
    lat: Math.min(Math.floor(lat / latStep), most) * latStep,
    lon: Math.min(Math.floor(lon / lonStep), most) * lonStep,
  };
}

/** The points that a value of a document holds. */
export function pointValues(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [value];
  const isOne = value.length > 0 && isNumber(value[0]);
  // Behind its three numbers a point has ended.
  return isOne
    ? [value.slice(0, 3), ...value.slice(3)]
    : value.filter((element) => element !== null);
}

/** Reads the points of documents as the index holds them. */
export function createPointReader(field: Field): (document: SearchDocument) => readonly GeoPoint[] {
  if (!field.isReachable) return () => [];
  const read = createGivenPoints(field);
  return (document) => read(document).map(indexed);
}

/**
 * Reads the points of documents as they were given.
 *
 * @param valuesAt the values at a path of a source, each a point or a list of points
 */
export function createGivenPoints(
  field: Field,
  valuesAt = valuesGiven,
): (document: SearchDocument) => readonly GeoPoint[] {
  return (document) => {
    if ((rootOf(document).write ?? 0) < field.sinceWrite) return [];
    return field.places.flatMap(({ path, nullValue }) => {
      const given = valuesAt(document.source, path);
      const raw = given.flatMap((value) => withNull(value, nullValue).flatMap(pointValues));
      return raw.flatMap((value) => {
        try {
          const point = toGeoPoint(value);
          if (field.parameters["ignore_z_value"] === false && heightOf(value) !== undefined)
            return [];
          if (pointProblem(point, field.name) === undefined) return [point];
          // The mapper would have refused it if it did not take what is malformed.
          return [normalised(point)];
        } catch {
          return [];
        }
      });
    });
  };
}

function valuesGiven(source: unknown, path: readonly string[]): readonly unknown[] {
  const given: unknown[] = [];
  collectGiven(source, path, 0, given);
  return given;
}

/** A value with nulls replaced by what the field takes for them. */
function withNull(value: unknown, nullValue: unknown): readonly unknown[] {
  if (nullValue === undefined) return [value];
  if (value === null) return [nullValue];
  if (!Array.isArray(value) || !value.includes(null)) return [value];
  return (value as readonly unknown[]).map((element) => (element === null ? nullValue : element));
}

/** Mean radius of the earth, metres (Lucene's). */
const earthRadius = 6_371_008.7714;

/** Distance along the surface, metres. */
export function arcDistance(a: GeoPoint, b: GeoPoint): number {
  const [aLat, bLat] = [inRadians(a.lat), inRadians(b.lat)];
  const lat = 1 - tableCosine(aLat - bLat);
  const lon = 1 - tableCosine(inRadians(a.lon - b.lon));
  const key = withoutLastBits(lat + tableCosine(aLat) * tableCosine(bLat) * lon);
  return earthRadius * 2 * tableArcSine(Math.min(1, Math.sqrt(key * 0.5)));
}

/** Distance as on a plane, metres: what `distance_type` names. */
export function planeDistance(a: GeoPoint, b: GeoPoint): number {
  const x = inRadians(b.lon - a.lon) * Math.cos(inRadians((b.lat + a.lat) / 2));
  const y = inRadians(b.lat - a.lat);
  return Math.sqrt(x * x + y * y) * earthRadius;
}

function inRadians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

const bits = new DataView(new ArrayBuffer(8));

/** A number without its last three bits, so that roundings do not part what is equal. */
function withoutLastBits(value: number): number {
  bits.setFloat64(0, value);
  bits.setUint8(7, bits.getUint8(7) & 0xf8);
  return bits.getFloat64(0);
}

const metres: readonly (readonly [names: readonly string[], length: number])[] = [
  [["mm", "millimeters"], 0.001],
  [["cm", "centimeters"], 0.01],
  [["km", "kilometers"], 1000],
  [["NM", "nmi", "nauticalmiles"], 1852],
  [["in", "inch"], 0.0254],
  [["yd", "yards"], 0.9144],
  [["ft", "feet"], 0.3048],
  [["mi", "miles"], 1609.344],
  [["m", "meters"], 1],
];

/** Metres of a unit. @throws {EsError} 400 for one that does not exist */
export function unitMetres(unit: string): number {
  const found = metres.find(([names]) => names.includes(unit));
  if (found === undefined) throw illegalArgument(`No distance unit match [${unit}]`);
  return found[1];
}

/** A distance such as `12km`, metres. @throws {EsError} 400 for a text that is none */
export function distanceMetres(value: unknown, unit = "m"): number {
  if (typeof value === "number") return value * unitMetres(unit);
  const text = textOf(value);
  for (const [names, length] of metres) {
    const suffix = names.find((name) => text.endsWith(name));
    if (suffix !== undefined) return plainNumber(text.slice(0, -suffix.length), text) * length;
  }
  return plainNumber(text, text) * unitMetres(unit);
}

function plainNumber(digits: string, text: string): number {
  const number = digits.trim() === "" ? NaN : Number(digits);
  if (Number.isNaN(number))
    throw new EsError(
      400,
      "number_format_exception",
      text.trim() === "" ? "empty String" : `For input string: "${text}"`,
    );
  return number;
}

/** Length of the equator, and from pole to pole, metres (WGS 84). */
const equator = 2 * Math.PI * 6_378_137;
const poleToPole = Math.PI * 6_356_752.314_245;

/** The shortest geohashes whose cells are no larger than a length in metres. */
export function geohashLength(length: number): number {
  if (length === 0) return 12;
  const width = length / (1 + poleToPole / equator);
  const bits = Math.ceil(Math.log(Math.ceil(equator / width)) / Math.log(2));
  const full = Math.floor(bits / 5);
  const left = bits - full * 5;
  return full + (left > 0 ? 1 : 0) + full + (left > 3 ? 1 : 0);
}

/** The diagonal of a cell of a geohash, metres. */
export function geohashCellSize(length: number): number {
  const [odd, even] = [Math.floor((length + 1) / 2), Math.floor(length / 2)];
  const width = equator / 2 ** (odd * 3 + even * 2);
  const height = poleToPole / 2 ** (odd * 2 + even * 3);
  return Math.sqrt(width * width + height * height);
}
