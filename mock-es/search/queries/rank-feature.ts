/** `rank_feature`: scores by a feature of the document. */
import { illegalArgument, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { decodeFeature, encodeFeature, type Feature, featureOf } from "../fields/features.ts";
import { boostOf, type CompiledQuery, matchNone, NO_MATCH } from "./compiled-query.ts";
import { queryShardFailure } from "./shard-problem.ts";
import { checkKnown } from "../known-members.ts";

const functions = ["log", "saturation", "sigmoid", "linear"] as const;
const members = ["field", "boost", "_name", ...functions];

/** `rank_feature`. */
export function parseRankFeature(body: JsonObject, context: SearchContext): CompiledQuery {
  checkKnown("rank_feature", body, members);
  if (body["field"] === undefined) throw illegalArgument("Required [field]");
  const name = textOf(body["field"]);
  const given = functions.filter((each) => body[each] !== undefined);
  if (given.length > 1)
    throw illegalArgument("Can only specify one of [log], [saturation], [sigmoid] and [linear]");
  const kind = given[0] ?? "saturation";
  const settings = isObject(body[kind]) ? body[kind] : {};
  checkFunction(kind, settings);
  const boost = boostOf("rank_feature", body);
  const feature = featureOf(context, name);
  if (feature === undefined) {
    const mapped = context.mappings.find(name);
    if (mapped === undefined) return matchNone;
    const reason = `[rank_feature] query only works on [rank_feature] fields and features of [rank_features] fields, not [${mapped.type}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  if (!feature.isPositive && (kind === "log" || kind === "linear")) {
    const reason = `Cannot use the [${kind}] function with a field that has a negative score impact as it would trigger negative scores`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  let weigh: ((value: number) => number) | undefined;
  return {
    score(document) {
      const value = feature.read(document);
      if (value === undefined) return NO_MATCH;
      weigh ??= weigherOf(kind, settings, boost, () => pivotOf(feature, context));
      return weigh(value);
    },
    isConstant: false,
  };
}

const required: Readonly<Record<string, readonly string[]>> = {
  log: ["scaling_factor"],
  sigmoid: ["pivot", "exponent"],
};

function checkFunction(kind: string, settings: JsonObject): void {
  const needed = required[kind] ?? [];
  for (const key of needed)
    if (settings[key] === undefined) throw illegalArgument(`Required [${key}]`);
  const known = kind === "saturation" ? ["pivot"] : needed;
  for (const key of Object.keys(settings))
    if (!known.includes(key))
      throw xContentParseException(`[${kind}] unknown field [${key}]`).at(settings, key, "key");
}

/** How a feature becomes a score, in 32-bit floats where the server has them. */
function weigherOf(
  kind: (typeof functions)[number],
  settings: JsonObject,
  boost: number,
  pivotOfAll: () => number,
): (value: number) => number {
  const { fround } = Math;
  const number = (key: string): number => fround(Number(settings[key]));
  switch (kind) {
    case "linear":
      return (value) => fround(boost * value);
    case "log": {
      const factor = number("scaling_factor");
      return (value) => fround(boost * Math.log(fround(factor + value)));
    }
    case "sigmoid": {
      const exponent = number("exponent");
      const pivot = number("pivot") ** exponent;
      return (value) => fround(boost * (1 - pivot / (value ** exponent + pivot)));
    }
    case "saturation": {
      const pivot = settings["pivot"] === undefined ? pivotOfAll() : number("pivot");
      return (value) => fround(boost * fround(1 - fround(pivot / fround(value + pivot))));
    }
  }
}

/** About the geometric mean of the feature: the mean of what it is kept as. */
function pivotOf(feature: Feature, { corpus }: SearchContext): number {
  let sum = 0;
  let count = 0;
  for (const document of corpus ?? []) {
    const value = feature.read(document);
    if (value === undefined) continue;
    sum += encodeFeature(value);
    count++;
  }
  return count === 0 ? 1 : decodeFeature(Math.fround(sum / count));
}
