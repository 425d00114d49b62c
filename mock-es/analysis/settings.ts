/** Settings of parts of analyzers, as an index defines them: all texts, or lists of texts. */
import { EsError, illegalArgument } from "../es-error.ts";

/** Settings of one part, by their names. */
export class PartSettings {
  readonly #values: ReadonlyMap<string, string | readonly string[]>;
  /** Name of the part, for error texts. */
  readonly name: string;

  constructor(name: string, values: ReadonlyMap<string, string | readonly string[]>) {
    this.name = name;
    this.#values = values;
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The text of a setting; a list as Java writes it. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === undefined || typeof value === "string" ? value : `[${value.join(", ")}]`;
  }

  /** A whole number. @throws {EsError} 500, as the server has it, for anything else */
  number(name: string, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (/^[+-]?\d{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31) return Number(text);
    throw new EsError(
      500,
      "settings_exception",
      `Failed to parse int setting [${name}] with value [${text}]`,
      { caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` } },
    );
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    if (text === undefined || text.trim() === "") return fallback;
    if (text === "true" || text === "false") return text === "true";
    throw illegalArgument(`Failed to parse value [${text}] as only [true] or [false] are allowed.`);
  }

  /** A list, which may be given as one text with commas. */
  list(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") return value;
    return value === "" ? [] : value.split(",").map((entry) => entry.trim());
  }
}

/** Settings of a part that sets nothing. */
export const noSettings = new PartSettings("", new Map());
