/** `scripted_metric`: whatever four scripts compute. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { toJsonValue, toScriptValue } from "../../script/values.ts";
import { shardFailure } from "../problem.ts";
import { compileMetricScript } from "../queries/scripting.ts";
import { type AggregationParser, checkSettings } from "./aggregation.ts";

const scripts = ["init_script", "map_script", "combine_script", "reduce_script"];

/** `scripted_metric`, over one shard. */
export const parseScriptedMetric: AggregationParser = (name, body, _sub, context) => {
  checkSettings("scripted_metric", body, [...scripts, "params"]);
  if (body["map_script"] === undefined) throw illegalArgument("Required [map_script]");
  const [shard, second] = context.shards;
  if (second !== undefined) throw notSupported("[scripted_metric] over several shards");
  if (shard === undefined) return { resultType: "scripted_metric", create: () => empty };
  requireScript("combineScript", body["combine_script"], name, shard.index);
  requireScript("reduceScript", body["reduce_script"], name, shard.index);
  const params = paramsOf(body);
  const compile = (script: unknown): ReturnType<typeof compileMetricScript> =>
    compileMetricScript(script, params, shard);
  const initialise = body["init_script"] === undefined ? undefined : compile(body["init_script"]);
  const [map, combine, reduce] = [
    compile(body["map_script"]),
    compile(body["combine_script"]),
    compile(body["reduce_script"]),
  ];
  return {
    resultType: "scripted_metric",
    create() {
      const state = new Map<unknown, unknown>();
      initialise?.({ state });
      return {
        collect(document, score) {
          map({ state }, { document, score });
        },
        result() {
          const states = [combine({ state })];
          return { value: toJsonValue(reduce({ states })) };
        },
      };
    },
  };
};

const empty = {
  collect(): void {},
  result: () => ({ value: null }),
};

function requireScript(part: string, given: unknown, name: string, index: string): void {
  if (given !== undefined) return;
  const reason = `[${part}] must not be null: [${name}]`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

function paramsOf(body: JsonObject): ReadonlyMap<unknown, unknown> {
  const { params } = body;
  return isObject(params) ? (toScriptValue(params) as Map<unknown, unknown>) : new Map();
}
