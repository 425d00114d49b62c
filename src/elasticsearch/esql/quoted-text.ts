/** What quoted tokens stand for. */

/** The text of an ES|QL string, `"…"` with escapes or `"""…"""`; anything else as it is. */
export function stringValue(text: string): string {
  if (text.length >= 6 && text.startsWith('"""') && text.endsWith('"""')) return text.slice(3, -3);
  if (!text.startsWith('"')) return text;
  const inner = text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined);
  return inner.replaceAll(/\\(.)/gs, (_, char: string) => escapes.get(char) ?? char);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
]);

/** The name in back quotes or double quotes, in which a doubled quote stands for one. */
export function nameValue(text: string): string {
  const quote = text.charAt(0);
  if (text.length < 2 || (quote !== "`" && quote !== '"') || !text.endsWith(quote)) return text;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}
