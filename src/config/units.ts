/** Milliseconds of each duration unit. */
const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Bytes of each size unit: decimal as SI has them, binary as IEC 80000-13 has them. */
const sizeUnits = {
  B: 1,
  KB: 1e3,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;

/** What a duration looks like; also published in the JSON Schema. */
export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
/** What a size looks like; also published in the JSON Schema. */
export const sizePattern = /^(\d{1,12}(?:\.\d{1,3})?)(B|KB|kB|MB|GB|KiB|MiB|GiB)$/;

/**
 * Milliseconds of `10s`, `250ms`, `1.5h`, rounded to whole ones; `undefined` for anything else,
 * also for a number without a unit.
 */
export function parseDuration(text: string): number | undefined {
  return parse(text, durationPattern, durationUnits);
}

/**
 * Bytes of `16KiB`, `100MB`, `512B`, rounded to whole ones; `undefined` for anything else, also for
 * a number without a unit.
 */
export function parseSize(text: string): number | undefined {
  return parse(text, sizePattern, sizeUnits);
}

/** The shortest spelling that {@link parseDuration} reads back as the same milliseconds. */
export function formatDuration(ms: number): string {
  return format(ms, durationUnits, "ms");
}

/**
 * The shortest spelling that {@link parseSize} reads back as the same bytes; binary units where
 * they fit.
 */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits, "B");
}

function parse(
  text: string,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, digits, unit] = pattern.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const value = Math.round(Number(digits) * (units[unit] ?? Number.NaN));
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Readonly<Record<string, number>>, smallest: string): string {
  if (value === 0) return "0";
  let best = `${value}${smallest}`;
  for (const [unit, factor] of Object.entries(units)) {
    const spelling = `${value / factor}${unit}`;
    // "<=" prefers the later unit of equal length, which is the larger one: 1h, not 60m.
    if (value % factor === 0 && spelling.length <= best.length) best = spelling;
  }
  return best;
}
