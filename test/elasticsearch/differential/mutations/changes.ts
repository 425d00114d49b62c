/** Places in a body, and what stands there. */
type Json = Readonly<Record<string, unknown>>;

/** Steps to a value in a body. */
export type Path = readonly (string | number)[];

/** The places of all settings in a body, those within others included. */
export function pathsIn(value: unknown): Path[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = Array.isArray(value) ? Number(key) : key;
    return [[own], ...pathsIn(inner).map((path) => [own, ...path])];
  });
}

/** A value with another one at a place; `undefined`: with nothing there. */
export function changed(
  within: unknown,
  path: Path,
  to: { readonly value: unknown } | undefined,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to?.value;
  if (Array.isArray(within)) {
    const at = Number(key);
    if (rest.length === 0 && to === undefined) return within.toSpliced(at, 1);
    return within.with(at, changed(within[at], rest, to));
  }
  const object = within as Json;
  if (rest.length > 0 || to !== undefined)
    return { ...object, [key]: changed(object[key], rest, to) };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
