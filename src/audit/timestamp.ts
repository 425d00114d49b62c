/** Three digits for 0–999. */
const threeDigits: readonly string[] = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, "0"));

/** Renders instants with nanoseconds, keeping the text of the current second. The clock gives about 0.25 µs; finer digits are what its fraction holds. */
export class TimestampWriter {
  readonly #separator: string;
  readonly #end: string;
  #second = Number.NaN;
  #text = "";

  private constructor(separator: string, end: string) {
    this.#separator = separator;
    this.#end = end;
  }

  /** `2026-11-23T04:24:11.123456789Z` */
  static iso(): TimestampWriter {
    return new TimestampWriter("T", "Z");
  }

  /** `2026-11-23 04:24:11.123456789`, UTC */
  static plain(): TimestampWriter {
    return new TimestampWriter(" ", "");
  }

  /** @param wallMs milliseconds since the Unix epoch, fractional */
  write(wallMs: number): string {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const iso = new Date(second * 1000).toISOString();
      this.#text = `${iso.slice(0, 10)}${this.#separator}${iso.slice(11, 19)}.`;
    }
    const nanoseconds = Math.floor((wallMs - second * 1000) * 1e6);
    const micro = Math.floor(nanoseconds / 1000);
    return (
      this.#text +
      digits(Math.floor(micro / 1000)) +
      digits(micro % 1000) +
      digits(nanoseconds % 1000) +
      this.#end
    );
  }
}

function digits(value: number): string {
  return threeDigits[value] ?? "000";
}
