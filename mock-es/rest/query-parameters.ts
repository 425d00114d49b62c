import { EsError, illegalArgument } from "../es-error.ts";

/** The decoded query string of a request, with Elasticsearch's own rules for reading values. */
export class QueryParameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get size(): number {
    return this.#values.size;
  }

  names(): Iterable<string> {
    return this.#values.keys();
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value as sent, `undefined` when absent. */
  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Values of a comma-separated list; `undefined` when absent, empty entries dropped. */
  list(name: string): string[] | undefined {
    const value = this.#values.get(name);
    return value === undefined ? undefined : value.split(",").filter((entry) => entry !== "");
  }

  /**
   * A boolean: present without a value means true.
   *
   * @throws {EsError} 400 for anything but `true`, `false` and the empty value
   */
  flag(name: string, fallback: boolean): boolean {
    const value = this.#values.get(name);
    if (value === undefined) return fallback;
    if (value === "" || value === "true") return true;
    if (value === "false") return false;
    throw illegalArgument(
      `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
    );
  }

  /**
   * A number with a fraction.
   *
   * @throws {EsError} 400 for what is none
   */
  number(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const number = value.trim() === "" ? NaN : Number(value);
    if (Number.isFinite(number)) return number;
    const reason = value === "" ? "empty String" : `For input string: "${value}"`;
    throw illegalArgument(`Failed to parse float parameter [${name}] with value [${value}]`, {
      caused_by: { type: "number_format_exception", reason },
    });
  }

  /**
   * A whole number of 32 bits.
   *
   * @throws {EsError} 400 for anything else
   */
  integer(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (/^[+-]?\d{1,10}$/.test(value)) {
      const number = Number(value);
      if (number >= -2147483648 && number <= 2147483647) return number;
    }
    throw illegalArgument(`Failed to parse int parameter [${name}] with value [${value}]`, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${value}"` },
    });
  }
}

/** A query string that is no query string: an escape that is cut off or not hexadecimal. */
export function badParameter(reason: string): EsError {
  return new EsError(
    400,
    "bad_parameter_exception",
    `java.lang.IllegalArgumentException: ${reason}`,
    {
      caused_by: { type: "illegal_argument_exception", reason },
    },
  );
}

const noParameters = new QueryParameters(new Map());

/**
 * Decodes the part of a request target behind `?`. A repeated name keeps its last value, except
 * `filter_path`, whose values add up; a `=` before a name counts for nothing.
 *
 * @throws {EsError} 400 for a broken escape
 */
export function parseQueryString(query: string): QueryParameters {
  if (query === "") return noParameters;
  const values = new Map<string, string>();
  for (const part of query.split(/[&;]/)) {
    const pair = part.replace(/^=+/, "");
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodeComponent(equals === -1 ? pair : pair.slice(0, equals), true);
    const value = equals === -1 ? "" : decodeComponent(pair.slice(equals + 1), true);
    const earlier = name === "filter_path" ? values.get(name) : undefined;
    values.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return new QueryParameters(values);
}

/**
 * Undoes percent-encoding; in a query `+` is a space, in a path it is itself.
 *
 * @throws {EsError} 400 for a broken escape
 */
export function decodeComponent(text: string, plusIsSpace: boolean): string {
  const spaced = plusIsSpace && text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    const broken = /%(?![0-9a-fA-F]{2})/.exec(spaced);
    if (broken === null) return Buffer.from(percentBytes(spaced), "latin1").toString("utf8");
    if (!plusIsSpace) {
      throw illegalArgument(
        `invalid escape sequence \`${spaced.slice(broken.index, broken.index + 3)}' at index ${broken.index + 1} of: /${text}`,
      );
    }
    throw badParameter(
      spaced.length - broken.index < 3
        ? `unterminated escape sequence at end of string: ${text}`
        : `invalid hex byte '${spaced.slice(broken.index + 1, broken.index + 3)}' at index ${broken.index} of '${text}'`,
    );
  }
}

/**
 * Escapes that are fine one by one but are no UTF-8 together become replacement characters, as in
 * Java.
 */
function percentBytes(text: string): string {
  const utf8 = Buffer.from(text, "utf8").toString("latin1");
  return utf8.replace(/%([0-9a-fA-F]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
