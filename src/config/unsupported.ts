import { get } from "./issue-text.ts";
import type { Finding } from "./issue-text.ts";
import type { Path } from "./places.ts";

/**
 * What the schema knows and the running proxy does not do yet. Nothing of it is accepted silently: a key that is present
 * with a value other than those in `accepted` is refused. `*` stands for any key or position; a number is a position, so
 * `endpoints.1` refuses a second endpoint.
 */
export const unsupported: readonly { readonly path: string; readonly accepted?: readonly unknown[] }[] = [];

/** The unsupported keys that a file uses. */
export function findUnsupported(raw: unknown, list = unsupported): Finding[] {
  return list.flatMap(({ path, accepted = [] }) =>
    matches(raw, path.split("."), [])
      .filter(({ value }) => !accepted.includes(value))
      .map((match) => ({ path: match.path, at: "key" as const, message: "is not supported yet" })),
  );
}

function matches(value: unknown, steps: readonly string[], path: Path): { path: Path; value: unknown }[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [{ path, value }];
  const keys = step === "*" ? keysOf(value) : [Array.isArray(value) ? Number(step) : step];
  return keys.flatMap((key) => {
    const inner = get(value, key);
    return inner === undefined ? [] : matches(inner, rest, [...path, key]);
  });
}

function keysOf(value: unknown): PropertyKey[] {
  if (Array.isArray(value)) return [...value.keys()];
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}
