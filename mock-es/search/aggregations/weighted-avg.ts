/** `weighted_avg`: an average of values that count more or less. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";
import { type AggregationContext, type AggregationParser, checkSettings } from "./aggregation.ts";
import { CompensatedSum } from "./numbers.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";
import { isNumeric, sourceOfField, type ValuesSource } from "./values-source.ts";

/** `weighted_avg`. */
export const parseWeightedAvg: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("weighted_avg", body, ["value", "weight", "format", "value_type"]);
  // The server resolves the weight first.
  const weights = partOf("weight", body, context);
  const values = partOf("value", body, context);
  const text = numberTextOf(body);
  return {
    resultType: "weighted_avg",
    create() {
      const sum = new CompensatedSum();
      const total = new CompensatedSum();
      return {
        collect(document) {
          const own = values.read(document);
          const [weight, second] = weights.read(document);
          if (own.length === 0 || weight === undefined) return;
          if (second !== undefined) {
            const reason =
              "Encountered more than one weight for a single document. Use a script to combine multiple weights-per-doc into a single value.";
            throw shardFailure(document.index, "illegal_argument_exception", reason);
          }
          for (const value of own) {
            sum.add(Number(value) * Number(weight));
            total.add(Number(weight));
          }
        },
        result: () => simpleValue(sum.value / total.value, text),
      };
    },
  };
};

function partOf(part: string, body: JsonObject, context: AggregationContext): ValuesSource {
  const given = body[part];
  if (!isObject(given)) {
    const reason = `Could not find field name [${part}] in multiValuesSource`;
    throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
  }
  for (const key of Object.keys(given)) {
    if (key !== "field" && key !== "missing")
      throw notSupported(`[${key}] of [${part}] in [weighted_avg]`);
  }
  if (given["field"] === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified.");
  const { field, missing } = given;
  return sourceOfField("weighted_avg", textOf(field), missing, context, isNumeric);
}
