import {
  illegalArgument,
  isObject,
  type JsonObject,
  notSupported,
  parsingException,
  textOf,
} from "../problem.ts";
import { evaluateDate, printDate } from "../../values/date.ts";
import type { SearchDocument } from "../fields/document.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { offsetOf } from "../queries/range-query.ts";
import {
  Bucket,
  checkSettings,
  type Aggregation,
  type AggregationContext,
  type AggregationKind,
} from "./aggregation.ts";
import { javaDouble } from "../../values/java-number.ts";
import { compileSource, isNumeric, type ValuesSource } from "./values-source.ts";

interface Range {
  readonly key: string;
  /** Included; -Infinity when open. */
  readonly from: number;
  /** Excluded; Infinity when open. */
  readonly to: number;
}

interface Plan {
  readonly source: ValuesSource;
  readonly ranges: readonly Range[];
  readonly isKeyed: boolean;
  readonly showBounds: (range: Range) => Record<string, unknown>;
}

/** `range`: buckets with bounds of their own over numbers. */
export function parseRangeAggregation(
  name: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("range", body, ["field", "missing", "format", "ranges", "keyed"]);
  if (body["format"] !== undefined) throw notSupported("[format] in [range]");
  const source = compileSource("range", body, context.search, isNumeric);
  const ranges = readRanges(name, body, Number, javaDouble);
  const showBounds = ({ from, to }: Range): Record<string, unknown> => ({
    ...(from === -Infinity ? {} : { from }),
    ...(to === Infinity ? {} : { to }),
  });
  return rangeKind(
    "range",
    { source, ranges, isKeyed: body["keyed"] === true, showBounds },
    aggregations,
    context,
  );
}

/** `date_range`: buckets between dates and date math. */
export function parseDateRange(
  name: string,
  body: JsonObject,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  checkSettings("date_range", body, ["field", "missing", "format", "ranges", "keyed", "time_zone"]);
  const source = compileSource(
    "date_range",
    body,
    context.search,
    (field) => field.kind === "date",
  );
  const zone = offsetOf(body["time_zone"]);
  const format = textOf(body["format"] ?? source.field?.dateFormat ?? DEFAULT_DATE_FORMAT);
  const { index, nowMs } = context.search;
  const read = (value: unknown): number =>
    evaluateDate(value, { index, nowMs, format, offset: zone, roundUp: false });
  const print = (epochMs: number): string => printDate(epochMs, format, zone);
  const ranges = readRanges(name, body, read, print);
  const showBounds = ({ from, to }: Range): Record<string, unknown> => ({
    ...(from === -Infinity ? {} : { from, from_as_string: print(from) }),
    ...(to === Infinity ? {} : { to, to_as_string: print(to) }),
  });
  const plan = { source, ranges, isKeyed: body["keyed"] === true, showBounds };
  return rangeKind("date_range", plan, aggregations, context);
}

function readRanges(
  name: string,
  body: JsonObject,
  read: (value: unknown) => number,
  print: (value: number) => string,
): Range[] {
  const given = body["ranges"];
  if (!Array.isArray(given) || given.length === 0) {
    throw illegalArgument(`No [ranges] specified for the [${name}] aggregation`);
  }
  const ranges = (given as readonly unknown[]).map((element) => {
    if (!isObject(element)) throw parsingException("[ranges] expected a [START_OBJECT]");
    for (const key of Object.keys(element)) {
      if (key === "mask" || !["key", "from", "to"].includes(key))
        throw parsingException(`[range] unknown field [${key}]`);
    }
    const from =
      element["from"] === undefined || element["from"] === null ? -Infinity : read(element["from"]);
    const to =
      element["to"] === undefined || element["to"] === null ? Infinity : read(element["to"]);
    const derived = `${from === -Infinity ? "*" : print(from)}-${to === Infinity ? "*" : print(to)}`;
    return { key: element["key"] === undefined ? derived : textOf(element["key"]), from, to };
  });
  return ranges.sort((a, b) => order(a.from, b.from) || order(a.to, b.to));
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rangeKind(
  resultType: string,
  plan: Plan,
  aggregations: readonly Aggregation[],
  context: AggregationContext,
): AggregationKind {
  return {
    resultType,
    create() {
      const buckets = plan.ranges.map((range) => ({
        range,
        bucket: new Bucket(aggregations, context),
      }));
      return {
        collect(document: SearchDocument, score: number) {
          const values = plan.source.read(document);
          for (const { range, bucket } of buckets) {
            if (values.some((value) => Number(value) >= range.from && Number(value) < range.to)) {
              bucket.collect(document, score);
            }
          }
        },
        result() {
          const shown = buckets.map(({ range, bucket }) => ({
            ...plan.showBounds(range),
            ...bucket.result(),
          }));
          if (!plan.isKeyed)
            return {
              buckets: shown.map((bucket, at) => ({ key: plan.ranges[at]?.key, ...bucket })),
            };
          return {
            buckets: Object.fromEntries(plan.ranges.map((range, at) => [range.key, shown[at]])),
          };
        },
      };
    },
  };
}
