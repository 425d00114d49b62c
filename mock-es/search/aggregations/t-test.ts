/** `t_test`: how likely it is that two means differ by chance only. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { shardFailure } from "../problem.ts";
import { NO_MATCH } from "../queries/compiled-query.ts";
import { type AggregationContext, type AggregationParser, checkSettings } from "./aggregation.ts";
import { compileFilter } from "./filters.ts";
import { Numbers } from "./numbers.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";
import { twoTailed } from "./student-distribution.ts";
import { isNumeric, sourceOfField, type ValuesSource } from "./values-source.ts";

/** One of the two groups. */
interface Group {
  readonly source: ValuesSource;
  readonly accepts: (document: SearchDocument) => boolean;
}

const types = ["paired", "homoscedastic", "heteroscedastic"];

/** `t_test`. */
export const parseTTest: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("t_test", body, ["a", "b", "type", "format", "value_type"]);
  const type = textOf(body["type"] ?? "heteroscedastic").toLowerCase();
  if (!types.includes(type)) {
    const constant = `org.elasticsearch.xpack.analytics.ttest.TTestType.${type.toUpperCase()}`;
    throw illegalArgument(`No enum constant ${constant}`);
  }
  const a = groupOf("a", body, context);
  const b = groupOf("b", body, context);
  const isPaired = type === "paired";
  if (isPaired && [body["a"], body["b"]].some((part) => isObject(part) && "filter" in part))
    throw illegalArgument("Paired t-test doesn't support filters");
  const text = numberTextOf(body);
  return {
    resultType: "t_test",
    create() {
      const first = new Numbers();
      const second = new Numbers();
      return {
        collect(document) {
          if (isPaired) {
            const left = singleOf(a, document);
            const right = singleOf(b, document);
            if (left !== undefined && right !== undefined) first.add(left - right);
            return;
          }
          for (const [group, numbers] of [[a, first] as const, [b, second] as const]) {
            if (!group.accepts(document)) continue;
            for (const value of group.source.read(document)) numbers.add(Number(value));
          }
        },
        result: () =>
          simpleValue(
            isPaired ? pairedTest(first) : unpairedTest(first, second, type === "homoscedastic"),
            text,
          ),
      };
    },
  };
};

function groupOf(part: string, body: JsonObject, context: AggregationContext): Group {
  const given = body[part];
  if (!isObject(given)) {
    const reason = `Could not find field name [${part}] in multiValuesSource`;
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  const { field, missing, filter, ...others } = given;
  const [other] = Object.keys(others);
  if (other !== undefined) throw notSupported(`[${other}] of [${part}] in [t_test]`);
  if (field === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified. ");
  const score = filter === undefined ? undefined : compileFilter(filter, context);
  return {
    source: sourceOfField("t_test", textOf(field), missing, context, isNumeric),
    accepts: (document) => score === undefined || score(document) !== NO_MATCH,
  };
}

function singleOf({ source }: Group, document: SearchDocument): number | undefined {
  const [value, second] = source.read(document);
  if (second === undefined) return value === undefined ? undefined : Number(value);
  const reason =
    "Encountered more than one value for a single document. Use a script to combine multiple values per doc into a single value.";
  throw shardFailure(document.index, "aggregation_execution_exception", reason);
}

/** Sum of squares of the distances from the mean. */
function spread({ count, sum, sumOfSquares }: Numbers): number {
  return sumOfSquares - (sum * sum) / count;
}

function pairedTest(differences: Numbers): number {
  const { count, sum } = differences;
  if (count < 2) return NaN;
  const mean = sum / count;
  const variance = spread(differences) / count;
  if (variance <= 0) return mean === 0 ? NaN : 0;
  return twoTailed(mean / (Math.sqrt(variance) / Math.sqrt(count - 1)), count - 1);
}

function unpairedTest(a: Numbers, b: Numbers, hasEqualVariances: boolean): number {
  if (a.count < 2 || b.count < 2) return NaN;
  const distance = a.sum / a.count - b.sum / b.count;
  if (hasEqualVariances) {
    const degrees = a.count + b.count - 2;
    const pooled = (spread(a) + spread(b)) / degrees;
    return twoTailed(distance / Math.sqrt(pooled * (1 / a.count + 1 / b.count)), degrees);
  }
  const [left, right] = [a, b].map((group) => spread(group) / (group.count - 1) / group.count);
  const errors = [left ?? NaN, right ?? NaN] as const;
  const total = errors[0] + errors[1];
  const degrees = total ** 2 / (errors[0] ** 2 / (a.count - 1) + errors[1] ** 2 / (b.count - 1));
  return twoTailed(distance / Math.sqrt(total), degrees);
}
