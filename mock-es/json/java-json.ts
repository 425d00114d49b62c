/** JSON as Java writes it again after it was read. */
import { isRawNumber, type RawNumber } from "./exact-numbers.ts";
import { doubleJson } from "./java-number.ts";

/**
 * A parsed source in the form in which Elasticsearch writes it where it does not copy it: numbers
 * with a point or an exponent are doubles, `1.50` is `1.5` and `1e3` is `1000.0`.
 */
export function asJavaJson(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? value : doubleJson(value);
  if (typeof value !== "object" || value === null) return value;
  if (isRawNumber(value)) return rewritten(value);
  if (Array.isArray(value)) {
    const changed = value.map(asJavaJson);
    return changed.some((element, at) => element !== value[at]) ? changed : value;
  }
  let copy: Record<string, unknown> | undefined;
  const object = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(object)) {
    const written = asJavaJson(object[name]);
    if (written !== object[name]) (copy ??= { ...object })[name] = written;
  }
  return copy ?? object;
}

function rewritten({ rawJSON }: RawNumber): unknown {
  if (/[.eE]/.test(rawJSON)) return doubleJson(Number(rawJSON));
  // Minus zero is no whole number of Java.
  return Number(rawJSON) + 0;
}
