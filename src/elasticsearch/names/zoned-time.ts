/** A point of time in a time zone, with the arithmetic of java.time.ZonedDateTime. */
import type { TimeZone } from "./time-zone.ts";

/** Units of date math: `y M w d h H m s` (Elasticsearch's "Date math"). */
export type DateMathUnit = "y" | "M" | "w" | "d" | "h" | "H" | "m" | "s";

/** Immutable. Local fields are read with the UTC getters of `local()`. */
export class ZonedTime {
  readonly instantMs: number;
  readonly #zone: TimeZone;
  readonly #offsetMs: number;

  constructor(instantMs: number, zone: TimeZone) {
    this.instantMs = instantMs;
    this.#zone = zone;
    this.#offsetMs = zone.offsetAt(instantMs);
  }

  /** The local date and time, as a Date whose UTC fields hold them. */
  local(): Date {
    return new Date(this.instantMs + this.#offsetMs);
  }

  plus(amount: number, unit: DateMathUnit): ZonedTime {
    const local = this.local();
    switch (unit) {
      case "y":
        return this.#at(plusMonths(local, 12 * amount));
      case "M":
        return this.#at(plusMonths(local, amount));
      case "w":
        return this.#at(local.getTime() + 7 * dayMs * amount);
      case "d":
        return this.#at(local.getTime() + dayMs * amount);
      case "h":
      case "H":
        return new ZonedTime(this.instantMs + 3_600_000 * amount, this.#zone);
      case "m":
        return new ZonedTime(this.instantMs + 60_000 * amount, this.#zone);
      case "s":
        return new ZonedTime(this.instantMs + 1000 * amount, this.#zone);
    }
  }

  /** The start of the year, month, week (Monday), day, hour, minute or second. */
  roundedDown(unit: DateMathUnit): ZonedTime {
    const local = this.local();
    if (unit === "y") local.setUTCMonth(0, 1);
    if (unit === "M") local.setUTCDate(1);
    if (unit === "w") local.setUTCDate(local.getUTCDate() - ((local.getUTCDay() + 6) % 7));
    if (unit === "s") local.setUTCMilliseconds(0);
    else if (unit === "m") local.setUTCSeconds(0, 0);
    else if (unit === "h" || unit === "H") local.setUTCMinutes(0, 0, 0);
    else local.setUTCHours(0, 0, 0, 0);
    return this.#at(local.getTime());
  }

  /**
   * The instant of a local time. A time that exists twice keeps the current offset where that is
   * one of the two, else takes the earlier; one that a zone skips moves on by the length of the gap
   * (documentation of ZonedDateTime.ofLocal).
   */
  #at(localMs: number): ZonedTime {
    const before = this.#zone.offsetAt(localMs - dayMs);
    const after = this.#zone.offsetAt(localMs + dayMs);
    const isValid = (offset: number): boolean => this.#zone.offsetAt(localMs - offset) === offset;
    for (const offset of [this.#offsetMs, before, after]) {
      if (isValid(offset)) return new ZonedTime(localMs - offset, this.#zone);
    }
    return new ZonedTime(localMs - before, this.#zone);
  }
}

const dayMs = 86_400_000;

/** A day beyond the end of the month becomes the month's last day. */
function plusMonths(local: Date, months: number): number {
  const day = local.getUTCDate();
  const moved = new Date(local.getTime());
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(moved.getTime());
  lastDay.setUTCMonth(moved.getUTCMonth() + 1, 0);
  moved.setUTCDate(Math.min(day, lastDay.getUTCDate()));
  return moved.getTime();
}
