/** Numbers as Java's `Double.parseDouble` reads them. */

const decimal = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;

/** The number of a text; `undefined` for what is none. Hexadecimal ones are none here. */
export function numericText(text: string): number | undefined {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed.replace(/(?<=[\d.])[fFdD]$/, "")) : undefined;
}
