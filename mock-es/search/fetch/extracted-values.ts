/** Values of documents in the order in which `fields` shows them. */
import { isObject } from "../../json/json-value.ts";

/**
 * What a source holds at a path: lists within lists come behind what is no list, as the server's
 * queue of values has them.
 */
export function extractedValues(source: unknown, path: readonly string[]): unknown[] {
  const queue = [extracted(source, path, 0)];
  const values: unknown[] = [];
  for (const value of queue) {
    if (Array.isArray(value)) queue.push(...(value as readonly unknown[]));
    else if (value !== undefined) values.push(value);
  }
  return values;
}

/**
 * What a source holds at a path, as the server's XContentMapValues makes it: lists of objects
 * become one list, those at the end of the path stay within it; `undefined` for nothing.
 */
export function extracted(source: unknown, path: readonly string[], from: number): unknown {
  if (Array.isArray(source)) {
    const list: unknown[] = [];
    for (const element of source as readonly unknown[]) {
      const value = extracted(element, path, from);
      if (Array.isArray(value) && from < path.length) list.push(...(value as readonly unknown[]));
      else if (value !== undefined) list.push(value);
    }
    return list;
  }
  if (from === path.length) return source;
  if (!isObject(source)) return undefined;
  const found: unknown[] = [];
  let name = "";
  for (let next = from; next < path.length; next++) {
    name += `${next === from ? "" : "."}${path[next] ?? ""}`;
    const value = Object.hasOwn(source, name) ? extracted(source[name], path, next + 1) : undefined;
    if (value !== undefined) found.push(value);
  }
  return found.length < 2 ? found[0] : found;
}
