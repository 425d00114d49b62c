/** `auto_date_histogram`: intervals of dates that are chosen so that there are not too many. */
import { EsError, notSupported } from "../../es-error.ts";
import { longJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { printDate } from "../../values/date.ts";
import type { SearchDocument } from "../fields/document.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  type Collector,
  finishBuckets,
} from "./aggregation.ts";
import {
  chooseIntervals,
  intervalUnits,
  type IntervalUnit,
  unitNames,
} from "./chosen-intervals.ts";
import { dateFormatOf } from "./value-format.ts";
import { compileSource, isDate } from "./values-source.ts";
import { zoneIn } from "./zone.ts";

const settingNames = [
  "field",
  "missing",
  "value_type",
  "format",
  "time_zone",
  "buckets",
  "minimum_interval",
];

/** Most buckets when nothing is said. */
const defaultBuckets = 10;

/** A document and its date. */
interface Dated {
  readonly document: SearchDocument;
  readonly score: number;
  readonly epochMs: number;
}

/** `auto_date_histogram`. */
export function parseAutoDateHistogram(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("auto_date_histogram", body, settingNames);
  const target = bucketsOf(name, body);
  const zone = zoneIn("auto_date_histogram", body);
  const choices = intervalUnits(smallestOf(body), zone);
  const source = compileSource("auto_date_histogram", body, context, isDate);
  checkTarget(target, choices, context);
  const format = dateFormatOf(source.field, body["format"]);
  const create = (): Collector => {
    const shards = new Map<string, Dated[]>();
    return {
      collect(document, score) {
        const values = source.read(document);
        if (values.length > 1)
          throw notSupported("[auto_date_histogram] of several dates in a document");
        for (const value of values) {
          const found = shards.get(document.index);
          const dated = { document, score, epochMs: Number(value) };
          if (found === undefined) shards.set(document.index, [dated]);
          else found.push(dated);
        }
      },
      result() {
        const times = [...shards.values()].map((found) => found.map(({ epochMs }) => epochMs));
        if (times.length === 0) return { buckets: [], interval: `1${choices[0]?.unit}` };
        const { length, starts, placeOf } = chooseIntervals(times, choices, target);
        const buckets = starts.map(() => new Bucket(sub, context));
        for (const { document, score, epochMs } of [...shards.values()].flat())
          buckets[placeOf(epochMs)]?.collect(document, score);
        const shown = buckets.map((bucket, at) => {
          const key = starts[at] ?? 0;
          const keys = { key_as_string: printDate(key, format, zone), key: longJson(key) };
          return { ...keys, ...bucket.result() };
        });
        return { buckets: finishBuckets(shown, sub, context), interval: length };
      },
    };
  };
  return { resultType: "auto_date_histogram", create };
}

function bucketsOf(name: string, body: JsonObject): number {
  if (body["buckets"] === undefined) return defaultBuckets;
  const given = wholeNumber("buckets", body["buckets"]);
  if (given > 0) return given;
  throw unreadable(body, "buckets", `buckets must be greater than 0 for [${name}]`);
}

function smallestOf(body: JsonObject): string {
  const given = textOf(body["minimum_interval"] ?? "second");
  // The server fails there (500): it looks for the coarsest unit but one, and there is none.
  if (given === "year") throw notSupported("[minimum_interval] [year] in [auto_date_histogram]");
  if (unitNames.includes(given)) return given;
  const names = "[[month, day, second, hour, minute, year]]"; // in the order of a HashMap
  throw unreadable(body, "minimum_interval", `minimum_interval must be one of ${names}`);
}

function unreadable(body: JsonObject, setting: string, reason: string): EsError {
  const what = `[auto_date_histogram] failed to parse field [${setting}]`;
  const cause = { type: "illegal_argument_exception", reason };
  return new EsError(400, "x_content_parse_exception", what, { caused_by: cause }).at(
    body,
    setting,
  );
}

function checkTarget(
  target: number,
  choices: readonly IntervalUnit[],
  { budget, shards }: AggregationContext,
): void {
  const ceiling = Math.floor(budget.limit / Math.max(1, ...choices.slice(0, -1).map(mostOf)));
  if (target <= ceiling) return;
  const reason = `buckets must be less than ${ceiling}`;
  throw shardFailure(shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
}

function mostOf({ most }: IntervalUnit): number {
  return most;
}
