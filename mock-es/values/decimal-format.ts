/** Numbers in the patterns of `java.text.DecimalFormat`, such as `#,##0.00` or `0.##E0`. */
import { notSupported } from "../es-error.ts";

/** Writes a number. */
export type NumberFormat = (value: number) => string;

const pattern = /^((?:'[^']*'|[^#0,.'E])*)([#0,]*)(?:\.([#0]*))?(E0+)?((?:'[^']*'|[^#0,.'])*)$/;

/**
 * Compiles a pattern; halves are rounded to the even neighbour, as Java does.
 *
 * @throws {EsError} 400 for a pattern that this engine does not know
 */
export function numberFormat(text: string): NumberFormat {
  if (text === "raw") return (value) => String(value);
  const [positive = "", negative] = text.split(";");
  const found = pattern.exec(positive);
  if (found === null || negative !== undefined || found[4] !== undefined)
    throw notSupported(`the number format [${text}]`);
  const [, prefix = "", whole = "", fraction = "", , suffix = ""] = found;
  const leastWhole = (whole.match(/0/g) ?? []).length;
  const leastFraction = (fraction.match(/0/g) ?? []).length;
  const comma = whole.lastIndexOf(",");
  const grouping = comma < 0 ? 0 : whole.length - comma - 1;
  const scale = /%/.test(prefix + suffix) ? 100 : /‰/.test(prefix + suffix) ? 1000 : 1;
  return (value) => {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
    const digits = roundHalfEven(Math.abs(value) * scale, fraction.length);
    const [integer = "0", rest = ""] = digits.split(".");
    const shownFraction = rest.replace(/0+$/, "").padEnd(leastFraction, "0");
    const shownInteger = integer.replace(/^0+/, "").padStart(leastWhole, "0");
    const grouped = grouping === 0 ? shownInteger : group(shownInteger, grouping);
    const body = shownFraction === "" ? grouped : `${grouped}.${shownFraction}`;
    // Java keeps the sign of what is rounded to zero.
    const sign = value < 0 || Object.is(value, -0) ? "-" : "";
    const text = body === "" ? "0" : body;
    return `${sign}${unquote(prefix)}${text}${unquote(suffix)}`;
  };
}

function unquote(text: string): string {
  return text.replaceAll(/'([^']*)'/g, (_, inner: string) => (inner === "" ? "'" : inner));
}

function group(digits: string, size: number): string {
  const parts: string[] = [];
  for (let end = digits.length; end > 0; end -= size)
    parts.unshift(digits.slice(Math.max(0, end - size), end));
  return parts.join(",");
}

/** A binary number that is a half in decimals has no more digits behind the half than these. */
const shownDigits = 60;

/** Digits of whole numbers that Java rounds away, by the bits beyond those of a double. */
const droppedDigits = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2];

/** A whole number below 2^63 that a double does not hold to the last digit, as Java writes it. */
function roundedWhole(value: number): string {
  const bits = BigInt(value).toString(2).length;
  const unit = 10n ** BigInt(droppedDigits[bits - 54] ?? 0);
  return `${((BigInt(value) + unit / 2n) / unit) * unit}.`;
}

/** The digits that stand for a number, the fewest possible, without an exponent. */
function shortestDigits(value: number): string {
  if (value >= 2 ** 53 && value < 2 ** 63) return roundedWhole(value);
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const point = whole.length + Number(exponent);
  const all = (whole + fraction).padStart(whole.length + fraction.length - Math.min(0, point), "0");
  const at = Math.max(0, point);
  return `${all.slice(0, at).padEnd(at, "0")}.${all.slice(at)}`;
}

/** Decimal digits with a fixed number behind the point, or fewer where the number has no more. */
function roundHalfEven(value: number, digits: number): string {
  const shortest = shortestDigits(value);
  if (shortest.length - shortest.indexOf(".") - 1 <= digits) return shortest;
  const text = value.toFixed(digits);
  // toFixed rounds halves up; only values that are exactly between two candidates differ. Digits
  // beyond these are those of the binary number: 20.85 is a little more than it looks.
  const exact = value.toFixed(Math.min(100, digits + shownDigits));
  const cut = exact.length - (Math.min(100, digits + shownDigits) - digits);
  const isHalf = /^50*$/.test(exact.slice(cut));
  const below = exact.slice(0, cut).replace(/\.$/, "");
  return isHalf && /[02468]$/.test(below) ? below : text;
}
