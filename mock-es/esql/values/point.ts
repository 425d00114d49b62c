/** Points on the globe as well-known text. */
import { notSupported } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { argumentProblem, type Uncomputable } from "../plan/analysis.ts";
import { numericText } from "../functions/numeric-text.ts";

/** `POINT (lon lat)` as the server writes it. */
export function pointText(lon: number, lat: number): string {
  return `POINT (${doubleText(lon)} ${doubleText(lat)})`;
}

/** Longitude and latitude of a text that {@link pointText} made. */
export function coordinatesOf(point: string): readonly [lon: number, lat: number] {
  const [, lon, lat] = /\((\S+) (\S+)\)/.exec(point) ?? [];
  return [Number(lon), Number(lat)];
}

/** Shapes that a column of points can hold in the server, and not here. */
const otherShapes: ReadonlySet<string> = new Set(
  "multipoint linestring multilinestring polygon multipolygon bbox geometrycollection circle".split(
    " ",
  ),
);

const wordCharacters = String.raw`[0-9A-Za-z.+\-\u00a0-\u{10ffff}]`;
/** Words, and characters that are none. */
const tokens = new RegExp(`${wordCharacters}+|\\S`, "gu");
const isWord = new RegExp(`^${wordCharacters}`, "u");

/** A token as the messages of the server have it. */
function shown(token: string | undefined): string {
  if (token === undefined) return "END-OF-STREAM";
  return isWord.test(token) ? token : `'${token}'`;
}

function refusal(message: string): Uncomputable {
  return argumentProblem(`Failed to parse WKT: ${message}`);
}

/** Reads `POINT(lon lat)`; what follows the closing parenthesis does not count. */
export function readPoint(text: string): string {
  const words: string[] = text.match(tokens) ?? [];
  let at = 0;
  const word = (): string => {
    const token = words[at++];
    if (token !== undefined && (isWord.test(token) || "(),".includes(token))) return token;
    throw refusal(`expected word but found: ${shown(token)}`);
  };
  const number = (): number => {
    const token = words[at++] ?? "";
    if (!isWord.test(token)) throw refusal(`expected number but found: ${shown(words[at - 1])}`);
    const value = numericText(token);
    if (value === undefined) throw refusal(`invalid number found: ${token}`);
    return value;
  };
  const shape = word().toLowerCase();
  if (otherShapes.has(shape)) throw notSupported(`the shape [${text}] as a point`);
  if (shape !== "point") throw refusal(`Unknown geometry type: ${shape}`);
  const open = word();
  if (/^(?:empty|z|m)$/i.test(open)) throw notSupported(`the point [${text}]`);
  if (open !== "(") throw refusal(`expected EMPTY or ( but found: ${shown(open)}`);
  const [lon, lat] = [number(), number()];
  if (isWord.test(words[at] ?? "")) throw notSupported(`the point [${text}] with an altitude`);
  const close = word();
  if (close !== ")") throw refusal(`expected ) but found: ${shown(close)}`);
  checkBound("latitude", lat, 90);
  checkBound("longitude", lon, 180);
  return pointText(lon, lat);
}

function checkBound(name: string, value: number, most: number): void {
  if (Math.abs(value) <= most) return;
  const bounds = `must be between ${doubleText(-most)} and ${doubleText(most)}`;
  throw refusal(`invalid ${name} ${doubleText(value)}; ${bounds}`);
}
