/** Numbers as Java's `Double.parseDouble` reads them. */

const decimal = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;

/** The number of a text; `undefined` for what is none. Hexadecimal ones are none here. */
export function numericText(text: string): number | undefined {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed.replace(/(?<=[\d.])[fFdD]$/, "")) : undefined;
}

/** Largest power of ten that {@link wholePart} works out. */
const mostDigits = 400;

/** The whole part of a decimal number; `undefined` for a text that is none. */
export function wholePart(text: string): bigint | undefined {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign = "", digits = "", fraction = "", power = "0"] = found;
  if (digits === "" && fraction === "") return undefined;
  // Beyond this no 64 bits hold it; a number without digits that count stays 0.
  const exponent = Math.min(Math.max(Number(power), -mostDigits), mostDigits);
  const scale = exponent - fraction.length;
  const all = BigInt(digits + fraction);
  const whole = scale >= 0 ? all * 10n ** BigInt(scale) : all / 10n ** BigInt(-scale);
  return sign === "-" ? -whole : whole;
}

/** What Java's `BigDecimal` says of a text that is no decimal number. */
export function decimalProblem(text: string): string {
  const wrong = /[^\d.+\-eE]/u.exec(text)?.[0];
  const kind = "java.lang.NumberFormatException: ";
  if (wrong === undefined) return `${kind}null`;
  return `${kind}Character ${wrong} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`;
}
