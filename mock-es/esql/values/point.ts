/** Points on the globe as well-known text. */
import { argumentProblem } from "../plan/analysis.ts";
import { doubleText } from "../../json/java-number.ts";

/** `POINT (lon lat)` as the server writes it. */
export function pointText(lon: number, lat: number): string {
  return `POINT (${doubleText(lon)} ${doubleText(lat)})`;
}

/** Reads `POINT(lon lat)`. */
export function readPoint(text: string): string {
  const found = /^\s*POINT\s*\(\s*(\S+)\s+(\S+)\s*\)\s*$/i.exec(text);
  const [lon, lat] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || Number.isNaN(lon) || Number.isNaN(lat))
    throw argumentProblem(`Failed to parse WKT: ${text}`);
  return pointText(lon, lat);
}
