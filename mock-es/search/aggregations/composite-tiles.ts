/** `geotile_grid` as a source of `composite`: tiles in the order of their numbers. */
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { geotile } from "../fields/geo-point.ts";
import type { IndexedValue } from "../fields/value.ts";
import type { AggregationContext } from "./aggregation.ts";
import { pointSource } from "./geo.ts";

/** The most detailed tiles, and how many bits a coordinate of theirs has. */
const mostZoom = 29;
const bits = 29n;

/** What the tiles of a field are. */
export interface TileSource {
  read(document: SearchDocument): readonly IndexedValue[];
  show(value: IndexedValue): string;
  parse(shown: unknown): IndexedValue;
}

/** @throws {EsError} 400 for a precision that is none, and for fields that hold no points */
export function tileSource(body: JsonObject, context: AggregationContext): TileSource {
  if (body["bounds"] !== undefined) throw notSupported("[bounds] in [composite]");
  const zoom = readZoom(body);
  const points = pointSource("geotile_grid", { field: body["field"] }, context);
  return {
    read: (document) => points(document).map((point) => encode(geotile(point, zoom))),
    show: (value) => decode(BigInt(value)),
    parse(shown) {
      if (typeof shown === "number" || typeof shown === "bigint") return BigInt(shown);
      const text = textOf(shown);
      if (/^\d{1,2}\/\d{1,9}\/\d{1,9}$/.test(text)) return encode(text);
      throw new Error(
        `Invalid geotile_grid hash string of ${text}. Must be three integers in a form "zoom/x/y".`,
      );
    },
  };
}

function readZoom(body: JsonObject): number {
  const given = body["precision"] ?? 7;
  const zoom = Number(given);
  if (Number.isInteger(zoom) && zoom >= 0 && zoom <= mostZoom && given !== "") return zoom;
  const text = textOf(given);
  const cause = Number.isInteger(zoom)
    ? illegalArgument(
        `Invalid geotile_grid precision of ${text}. Must be between 0 and ${mostZoom}.`,
      )
    : new EsError(400, "number_format_exception", `For input string: "${text}"`);
  if (given === "" || (typeof given !== "string" && !Number.isInteger(zoom)))
    throw notSupported("such a [precision] in [composite]");
  const inner = new EsError(
    400,
    "x_content_parse_exception",
    "[geotile_grid] failed to parse field [precision]",
    { caused_by: cause.toCause() },
  ).at(body, "precision");
  throw new EsError(
    400,
    "x_content_parse_exception",
    "[composite] failed to parse field [sources]",
  ).around(inner);
}

/** `zoom/x/y` as one number (GeoTileUtils). */
function encode(tile: string): bigint {
  const [zoom = 0n, x = 0n, y = 0n] = tile.split("/").map(BigInt);
  return (zoom << (2n * bits)) | (x << bits) | y;
}

function decode(value: bigint): string {
  const mask = (1n << bits) - 1n;
  return `${value >> (2n * bits)}/${(value >> bits) & mask}/${value & mask}`;
}
