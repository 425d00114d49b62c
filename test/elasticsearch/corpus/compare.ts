/** One place where two answers differ. */
export interface Difference {
  /** For example `body.hits.total.value`. */
  readonly path: string;
  /** `undefined`: absent. */
  readonly real: unknown;
  readonly mock: unknown;
}

/**
 * Lists every place where two JSON values differ; the order of keys does not matter, the order of
 * lists does.
 */
export function differences(real: unknown, mock: unknown, path = ""): Difference[] {
  if (Object.is(real, mock)) return [];
  if (Array.isArray(real) && Array.isArray(mock)) {
    const length = Math.max(real.length, mock.length);
    return Array.from({ length }, (_, at) =>
      differences(real[at], mock[at], `${path}.${at}`),
    ).flat();
  }
  if (isObject(real) && isObject(mock)) {
    const keys = new Set([...Object.keys(real), ...Object.keys(mock)]);
    return [...keys].flatMap((key) =>
      differences(real[key], mock[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return [{ path, real, mock }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
