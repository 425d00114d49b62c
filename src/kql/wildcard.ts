/** Matching texts against patterns with `*`, without going back. */

/**
 * Whether the whole text matches: the parts stand in it in this order, the first at its start, the
 * last at its end, anything between them.
 *
 * @param parts the text between the wildcards; one part: the text itself
 */
export function matchesWildcard(text: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (let index = 1; index < parts.length - 1; index += 1) {
    const part = parts[index] ?? "";
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
