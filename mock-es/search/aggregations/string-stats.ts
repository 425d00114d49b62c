/** `string_stats`: lengths of keywords, and how much their characters tell. */
import { doubleJson } from "../../json/java-number.ts";
import { textOf } from "../../json/json-value.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import { type AggregationParser, checkSettings, type Result } from "./aggregation.ts";
import { compileSource } from "./values-source.ts";

/** `string_stats`. */
export const parseStringStats: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("string_stats", body, [
    "field",
    "missing",
    "value_type",
    "format",
    "show_distribution",
  ]);
  const source = compileSource("string_stats", body, context, ({ kind }) => kind === "keyword");
  const showsCharacters = body["show_distribution"] === true;
  const { format } = body;
  const text = format === undefined ? undefined : numberFormat(textOf(format));
  return {
    resultType: "string_stats",
    create() {
      const texts = new Texts();
      return {
        collect(document) {
          for (const value of new Set(source.read(document))) texts.add(String(value));
        },
        result: () => texts.result(showsCharacters, text),
      };
    },
  };
};

/** Texts, counted by UTF-16 units as Java counts them. */
class Texts {
  #count = 0;
  #least = Infinity;
  #most = 0;
  #total = 0;
  readonly #characters = new Map<number, number>();

  add(text: string): void {
    const { length } = text;
    this.#count++;
    this.#total += length;
    this.#least = Math.min(this.#least, length);
    this.#most = Math.max(this.#most, length);
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      this.#characters.set(code, (this.#characters.get(code) ?? 0) + 1);
    }
  }

  result(showsCharacters: boolean, text: ((value: number) => string) | undefined): Result {
    if (this.#count === 0) {
      const nothing = { count: 0, min_length: null, max_length: null, avg_length: null };
      return { ...nothing, entropy: doubleJson(0), ...(showsCharacters && { distribution: null }) };
    }
    const shares = this.#shares();
    const average = this.#total / this.#count;
    const entropy = shares.reduce((sum, [, share]) => sum - share * Math.log2(share), 0);
    const sizes = { min_length: this.#least, max_length: this.#most };
    const distribution = (show: (share: number) => unknown): Result =>
      Object.fromEntries(shares.map(([character, share]) => [character, show(share)]));
    return {
      count: this.#count,
      ...sizes,
      avg_length: doubleJson(average),
      entropy: doubleJson(entropy),
      ...(showsCharacters && { distribution: distribution(doubleJson) }),
      ...(text && {
        min_length_as_string: text(this.#least),
        max_length_as_string: text(this.#most),
        avg_length_as_string: text(average),
        entropy_as_string: text(entropy),
        ...(showsCharacters && { distribution_as_string: distribution(text) }),
      }),
    };
  }

  /** Characters with their share of all, the most frequent first. */
  #shares(): (readonly [string, number])[] {
    let slots = 16; // of a HashMap, whose order is that of equal ones
    while (this.#characters.size > slots * 0.75) slots *= 2;
    const mask = slots - 1;
    return [...this.#characters]
      .sort(([a, first], [b, second]) => second - first || (a & mask) - (b & mask) || a - b)
      .map(([code, count]) => [String.fromCharCode(code), count / this.#total]);
  }
}
