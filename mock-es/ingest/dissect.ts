/** Dissect: texts taken apart at fixed delimiters. */
import { illegalArgument } from "../es-error.ts";

interface Key {
  readonly name: string;
  /** `""`, `+` append, `?` skip, `*` name of a field, `&` value of it. */
  readonly modifier: string;
  readonly isPadded: boolean;
  readonly order: number;
  /** The text behind it, up to the next key. */
  readonly delimiter: string;
}

/**
 * Compiles a pattern such as `%{client} - %{?skipped} [%{+time}]`.
 *
 * @throws {EsError} 400 for a pattern without keys
 */
export function createDissect(
  pattern: string,
  separator: string,
): (text: string) => ReadonlyMap<string, string> | undefined {
  const keys: Key[] = [];
  const expression = /%\{([+?*&]?)([^}]*?)(?:\/(\d+))?(->)?\}([^%]*(?:%(?!\{)[^%]*)*)/g;
  for (const [, modifier = "", name = "", order = "0", padding, delimiter = ""] of pattern.matchAll(
    expression,
  ))
    keys.push({ name, modifier, isPadded: padding !== undefined, order: Number(order), delimiter });
  const first = pattern.indexOf("%{");
  if (keys.length === 0 || first < 0)
    throw illegalArgument(
      `Unable to parse pattern: ${pattern} Reason: Unable to find any keys or delimiters.`,
    );
  const lead = pattern.slice(0, first);
  return (text) => (text.startsWith(lead) ? read(text, lead.length, keys, separator) : undefined);
}

function read(
  text: string,
  start: number,
  keys: readonly Key[],
  separator: string,
): ReadonlyMap<string, string> | undefined {
  const parts = partsOf(text, start, keys);
  if (parts === undefined) return undefined;
  const found = new Map<string, string>();
  const names = new Map<string, string>();
  const appended = new Map<string, { order: number; value: string }[]>();
  for (const { key, value } of parts) {
    if (key.modifier === "*") names.set(key.name, value);
    else if (key.modifier === "+") {
      const list = appended.get(key.name) ?? [];
      list.push({ order: key.order, value });
      appended.set(key.name, list);
    } else if (key.modifier === "" && key.name !== "") {
      if (keys.some((other) => other.modifier === "+" && other.name === key.name))
        appended.set(key.name, [...(appended.get(key.name) ?? []), { order: key.order, value }]);
      else found.set(key.name, value);
    }
  }
  for (const { key, value } of parts) {
    const name = key.modifier === "&" ? names.get(key.name) : undefined;
    if (name !== undefined) found.set(name, value);
  }
  for (const [name, list] of appended) {
    const sorted = list.toSorted((a, b) => a.order - b.order);
    found.set(name, sorted.map(({ value }) => value).join(separator));
  }
  return found;
}

interface Part {
  readonly key: Key;
  readonly value: string;
}

/** A value for each key; repeats of a delimiter are skipped, or give the next keys empty texts. */
function partsOf(text: string, start: number, keys: readonly Key[]): readonly Part[] | undefined {
  const parts: Part[] = [];
  let at = start;
  for (let next = 0; next < keys.length; next++) {
    const key = keys[next];
    if (key === undefined) break;
    const { delimiter, isPadded } = key;
    const end = delimiter === "" ? text.length : text.indexOf(delimiter, at);
    if (end < 0) return undefined;
    parts.push({ key, value: text.slice(at, end) });
    at = end + delimiter.length;
    if (delimiter === "") continue;
    // Each key that gets an empty text brings its own delimiter, of which repeats are looked for.
    for (let last = key; text.startsWith(last.delimiter, at) && at < text.length;) {
      at += last.delimiter.length;
      if (isPadded) continue;
      const empty = keys[next + 1];
      if (empty === undefined) break;
      next++;
      parts.push({ key: empty, value: "" });
      last = empty;
      if (last.delimiter === "") break;
    }
  }
  return parts;
}
