/** `weighted_avg`: an average of values that count more or less. */
import { illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";
import { inField } from "../queries/object-members.ts";
import { type AggregationContext, type AggregationParser, checkSettings } from "./aggregation.ts";
import { CompensatedSum } from "./numbers.ts";
import { numberTextOf, simpleValue } from "./pipeline-values.ts";
import { isNumeric, sourceOfField, type ValuesSource } from "./values-source.ts";
import { inMember } from "../../json/object-parser.ts";

/** `weighted_avg`. */
export const parseWeightedAvg: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("weighted_avg", body, ["value", "weight", "format", "value_type"]);
  for (const part of Object.keys(body))
    if (part === "value" || part === "weight") checkPart(part, body);
  // The server resolves the weight first.
  const weights = partOf("weight", body, context);
  const values = partOf("value", body, context);
  const { value_type: valueType } = body;
  if (valueType !== undefined && !numericTypes.includes(textOf(valueType).toLowerCase()))
    throw notSupported(`[value_type] [${textOf(valueType)}] of [weighted_avg]`);
  // The server passes the format over where it is told of the type.
  const text = valueType === undefined ? numberTextOf(body) : undefined;
  return {
    resultType: "weighted_avg",
    create() {
      // Each shard adds up its own, so that the last digits are those of the server.
      const shards = context.shards.map(() => ({
        sum: new CompensatedSum(),
        total: new CompensatedSum(),
      }));
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
          const shard = shards.length < 2 ? shards[0] : shards[context.finder.find(document)];
          for (const value of own) {
            shard?.sum.add(Number(value) * Number(weight));
            shard?.total.add(Number(weight));
          }
        },
        result() {
          const [sum, total] = [new CompensatedSum(), new CompensatedSum()];
          for (const shard of shards) {
            sum.add(shard.sum.value);
            total.add(shard.total.value);
          }
          return simpleValue(sum.value / total.value, text);
        },
      };
    },
  };
};

const numericTypes = ["long", "double", "number", "numeric"];

const partMembers = ["field", "missing", "script", "filter", "time_zone", "value_type", "format"];

/** Refuses what is no source of values. @throws {EsError} */
function checkPart(part: string, body: JsonObject): void {
  const given = body[part];
  if (!isObject(given)) {
    const reason = `[weighted_avg] ${part} doesn't support values of type: ${tokenOf(given)}`;
    throw xContentParseException(reason).at(body, part);
  }
  inField("weighted_avg", part, () => {
    for (const [key, value] of Object.entries(given)) {
      if (!partMembers.includes(key))
        throw xContentParseException(`[field_config] unknown field [${key}]`).at(given, key, "key");
      if (key !== "field" || typeof value === "string") continue;
      const reason = `[field_config] field doesn't support values of type: ${tokenOf(value)}`;
      throw xContentParseException(reason).at(given, key);
    }
    if (given["field"] === undefined && given["script"] === undefined) {
      const reason = "[field] and [script] cannot both be null.  Please specify one or the other.";
      throw illegalArgument(reason).standingAt(given, undefined, "end");
    }
  });
}

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
  const { field, missing } = given;
  if (Array.isArray(missing) || isObject(missing))
    inMember("weighted_avg", part, body, () => {
      const reason = `[field_config] missing doesn't support values of type: ${tokenOf(missing)}`;
      throw xContentParseException(reason).at(given, "missing");
    });
  if (field === "") throw notSupported("a [field] without a name in [weighted_avg]");
  const form = { format: body["format"] };
  return sourceOfField("weighted_avg", textOf(field), missing, context, isNumeric, form);
}
