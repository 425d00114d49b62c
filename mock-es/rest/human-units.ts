import { byteUnits } from "../values/byte-size.ts";

const timeUnits: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A size as the server writes it for people: `1.5kb`. */
export function humanBytes(value: number): string {
  for (const unit of ["pb", "tb", "gb", "mb", "kb"]) {
    const scale = byteUnits[unit] ?? 1;
    if (value >= scale) return `${oneDecimal(value / scale)}${unit}`;
  }
  return `${value}b`;
}

/** A time as the server writes it for people: `1.5h`. */
export function humanTime(value: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const scale = timeUnits[unit] ?? 1;
    if (value >= scale) return `${oneDecimal(value / scale)}${unit}`;
  }
  return value === 0 ? "0s" : `${Math.round(value)}ms`;
}

function oneDecimal(value: number): string {
  const cut = Math.floor(value * 10) / 10;
  return Number.isInteger(cut) ? String(cut) : cut.toFixed(1);
}
