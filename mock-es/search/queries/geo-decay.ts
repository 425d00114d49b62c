/** Decay functions over points: the farther from an origin, the less. */
import { doubleText } from "../../json/java-number.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { arcDistance, createPointReader, distanceMetres, toGeoPoint } from "../fields/geo-point.ts";
import type { DecayDistances } from "./function-explanation.ts";
import { inQuery, queryShardFailure } from "./shard-problem.ts";
import { decayOf, requireScale } from "./decay-settings.ts";

/** What a decay over points is computed from. */
export interface GeoDecay {
  readonly scale: number;
  readonly amount: number;
  /** Metres beyond the offset, of each point. */
  readonly distances: DecayDistances;
  /** The same as explanations write them. */
  readonly written: (document: SearchDocument) => readonly string[];
}

/** Reads the settings of a decay over points. @throws {EsError} 400 in the server's words */
export function readGeoDecay(field: Field, settings: JsonObject, context: SearchContext): GeoDecay {
  const { origin: given, scale: width, offset: least = 0 } = settings;
  const amount = decayOf(settings, context);
  if (given === undefined || width === undefined) {
    const missing = given === undefined ? "origin" : "scale";
    const reason = `[${missing}] must be set for geo fields.`;
    throw queryShardFailure(context, "parse_exception", reason);
  }
  const origin = inQuery(context, () => toGeoPoint(given));
  const scale = distanceMetres(width);
  requireScale(scale, context);
  const offset = distanceMetres(least);
  const read = createPointReader(field);
  const from = `${doubleText(origin.lat)}, ${doubleText(origin.lon)}(=origin)`;
  return {
    scale,
    amount,
    distances: (document) =>
      read(document).map((point) => Math.max(0, arcDistance(origin, point) - offset)),
    written: (document) =>
      read(document).map(({ lat, lon }) => {
        const own = `${doubleText(lat)}, ${doubleText(lon)}(=doc value)`;
        return `Math.max(arcDistance(${own},${from}) - ${doubleText(offset)}(=offset), 0)`;
      }),
  };
}
