/** `matrix_stats`: moments of several fields, and how they vary together. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { inHashOrder } from "../../text/hash-order.ts";
import type { Field } from "../fields/field.ts";
import type { AggregationParser, Result } from "./aggregation.ts";
import { sourceOfField, type ValuesSource } from "./values-source.ts";

/** `matrix_stats`. */
export const parseMatrixStats: AggregationParser = (name, body, _sub, context) => {
  for (const [key, value] of Object.entries(body)) checkMember(name, body, key, value);
  const pick = picks[textOf(body["mode"] ?? "avg").toLowerCase()];
  if (pick === undefined) throw illegalArgument(`Illegal sort mode: ${textOf(body["mode"])}`);
  const { fields, missing } = body;
  const substitutes = isObject(missing) ? missing : {};
  const sources: { readonly field: string; readonly source: ValuesSource }[] = [];
  for (const field of inHashOrder([...new Set([fields ?? []].flat().map(textOf))])) {
    const source = sourceOfField("matrix_stats", field, substitutes[field], context, isNumber);
    if (source.field === undefined) continue;
    if (!isNumber(source.field)) throw notSupported(`[matrix_stats] of the field [${field}]`);
    sources.push({ field, source });
  }
  return {
    resultType: "matrix_stats",
    create() {
      const moments = new Moments(sources.map(({ field }) => field));
      return {
        collect(document) {
          const values: number[] = [];
          for (const { source } of sources) {
            const own = source.read(document);
            // A document without a value of one field counts for none.
            if (own.length === 0) return;
            values.push(pick(own.map(Number)));
          }
          if (values.length > 0) moments.add(values);
        },
        result: () => moments.result(),
      };
    },
  };
};

function isNumber({ kind }: Field): boolean {
  return kind === "long" || kind === "double" || kind === "date" || kind === "boolean";
}

/** Which of several values of a document counts. */
const picks: Readonly<Record<string, (values: readonly number[]) => number>> = {
  avg: (values) => sumOf(values) / values.length,
  max: (values) => Math.max(...values),
  median: (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    const middle = Math.floor((sorted.length - 1) / 2);
    const low = sorted[middle] ?? NaN;
    return sorted.length % 2 === 1 ? low : (low + (sorted[middle + 1] ?? NaN)) / 2;
  },
  min: (values) => Math.min(...values),
  sum: sumOf,
};

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** @throws {EsError} 400 for a member that there is not, or of another kind */
function checkMember(name: string, body: JsonObject, key: string, value: unknown): void {
  const refuse = (holder: object, at: string, found: unknown, tail = ""): Error =>
    parsingException(`Unexpected token ${tokenOf(found)} [${key}] in [${name}].${tail}`).at(
      holder,
      at,
    );
  if (key === "script")
    throw refuse(body, key, value, " Multi-field aggregations do not support scripts.");
  if (key === "format" || key === "value_type") throw notSupported(`[${key}] of [matrix_stats]`);
  if (key === "fields" && Array.isArray(value)) {
    const wrong = value.findIndex((field) => typeof field !== "string");
    if (wrong !== -1) throw refuse(value, String(wrong), value[wrong]);
    return;
  }
  if ((key === "fields" || key === "mode") && typeof value === "string") return;
  if (key === "missing" && isObject(value)) return;
  throw refuse(body, key, value);
}

/** Moments of fields, and their products, brought up to date document by document. */
class Moments {
  readonly #names: readonly string[];
  readonly #fields: FieldMoments[];
  /** Sums of products of deviations, of each pair of fields. */
  readonly #products: number[][];
  #count = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#fields = names.map(() => new FieldMoments());
    this.#products = names.map(() => names.map(() => 0));
  }

  add(values: readonly number[]): void {
    const count = ++this.#count;
    const deltas = values.map((value, at) => this.#fields[at]?.add(value, count) ?? 0);
    if (count === 1) return;
    for (const [row, delta] of deltas.entries()) {
      const products = this.#products[row] ?? [];
      for (let column = row + 1; column < deltas.length; column++)
        products[column] =
          (products[column] ?? 0) + (1 / (count * (count - 1))) * delta * (deltas[column] ?? 0);
    }
  }

  result(): Result {
    const count = this.#count;
    if (count === 0) return { doc_count: 0 };
    const variances = this.#fields.map((field) => field.second / (count - 1));
    const fields = this.#fields.map((field, row) => {
      const both = this.#names.map((name, column) => {
        const [first, last] = row < column ? [row, column] : [column, row];
        const together =
          row === column
            ? (variances[row] ?? NaN)
            : (this.#products[first]?.[last] ?? NaN) / (count - 1);
        const scale = Math.sqrt(variances[row] ?? NaN) * Math.sqrt(variances[column] ?? NaN);
        return { name, together, correlation: row === column ? 1 : together / scale };
      });
      return {
        name: this.#names[row],
        count,
        mean: doubleJson(field.mean),
        variance: doubleJson(variances[row] ?? NaN),
        skewness: doubleJson((Math.sqrt(count) * field.third) / field.second ** 1.5),
        kurtosis: doubleJson((count * field.fourth) / (field.second * field.second)),
        covariance: membersOf(both.map(({ name, together }) => [name, together])),
        correlation: membersOf(both.map(({ name, correlation }) => [name, correlation])),
      };
    });
    return { doc_count: count, fields };
  }
}

function membersOf(entries: readonly (readonly [string, number])[]): JsonObject {
  return Object.fromEntries(entries.map(([name, value]) => [name, doubleJson(value)]));
}

/** Mean and sums of powers of deviations of one field. */
class FieldMoments {
  mean = 0;
  second = 0;
  third = 0;
  fourth = 0;
  #sum = 0;

  /** Adds the value of the document of that number; gives its deviation from the sum so far. */
  add(value: number, count: number): number {
    this.#sum += value;
    const delta = value * count - this.#sum;
    if (count === 1) {
      this.mean = value;
      return delta;
    }
    const deviation = value - this.mean;
    const part = deviation / count;
    const square = part * part;
    const growth = deviation * part * (count - 1);
    this.mean += part;
    this.fourth +=
      growth * square * (count * count - 3 * count + 3) +
      6 * square * this.second -
      4 * part * this.third;
    this.third += growth * part * (count - 2) - 3 * part * this.second;
    this.second += growth;
    return delta;
  }
}
