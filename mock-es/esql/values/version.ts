/** The order of versions: by the rules of Semantic Versioning, what is no version last. */
import { compareTexts } from "./text-order.ts";

const main = String.raw`(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*`;
const part = String.raw`(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)`;
const build = String.raw`\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const pattern = new RegExp(String.raw`^(${main})(?:-(${part}(?:\.${part})*))?(${build})?$`);

/** Numbers are led by a mark, which is less than any character, and by their length. */
function numbered(text: string): string {
  return text.replaceAll(
    /\d+/g,
    (digits) => `\u0001${String.fromCharCode(digits.length)}${digits}`,
  );
}

/** A text whose order is that of the version; nothing else of it has a meaning. */
function orderOf(text: string): string {
  const found = pattern.exec(text);
  if (found === null) return `\u0004${text}`;
  const [, numbers = "", before, metadata = ""] = found;
  const parts = before?.split(".").map((one) => (/^\d+$/.test(one) ? numbered(one) : one));
  // A version comes behind those that lead to it.
  const rest = parts === undefined ? "\u0003" : `\u0002-${parts.join(".")}`;
  return numbered(numbers) + rest + metadata;
}

/** Compares two versions. */
export function compareVersions(a: string, b: string): number {
  return compareTexts(orderOf(a), orderOf(b));
}
