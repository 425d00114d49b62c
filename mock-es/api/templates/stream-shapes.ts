/** What a template says of the data streams that it makes. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { type Member, parseShapeAt, type Shape } from "../../json/object-parser.ts";
import { parseDuration, tryDuration, unitMs } from "../../values/duration.ts";

const duration: Member = {
  kind: "string or null",
  read(value, _holder, key) {
    if (value === null) return value;
    const text = textOf(value);
    parseDuration(text, key);
    return text === "0" ? "0ms" : text;
  },
};

const lifecycleShape: Shape<JsonObject> = {
  name: "lifecycle_template",
  members: {
    enabled: { kind: "boolean" },
    data_retention: duration,
    downsampling: { kind: "any", read: readRounds },
    downsampling_method: { kind: "string or null" },
    frozen_after: duration,
  },
  build(values) {
    if (Array.isArray(values["downsampling"]) && values["downsampling"].length === 0)
      throw illegalArgument(
        "Downsampling configuration should have at least one round configured.",
      );
    if ((values["downsampling_method"] ?? undefined) !== undefined)
      throw notSupported("[downsampling_method] of a template");
    return values;
  },
};

/** How long documents of a data stream are kept. */
export const lifecycle: Member = {
  kind: "object",
  read: (value, holder, key) =>
    value === null ? value : parseShapeAt(lifecycleShape, value, holder, key),
};

const failureStoreShape: Shape<JsonObject> = {
  name: "failure_store_template",
  members: {
    enabled: { kind: "boolean or null" },
    lifecycle: { ...lifecycle, kind: "object or null" },
  },
  build: (values) => values,
};

const optionsShape: Shape<JsonObject> = {
  name: "data_stream_options_template",
  members: {
    failure_store: {
      kind: "object or null",
      read: (value, holder, key) =>
        value === null ? value : parseShapeAt(failureStoreShape, value, holder, key),
    },
  },
  build: (values) => values,
};

/** Whether documents that fail are kept. */
export const streamOptions: Member = {
  kind: "object or null",
  read: (value, holder, key) =>
    value === null ? value : parseShapeAt(optionsShape, value, holder, key),
};

const leastIntervalMs = 5 * (unitMs["m"] ?? 1);

/** Rounds of downsampling, which are shown and not carried out; wrong ones the server refuses. */
function readRounds(given: unknown): unknown {
  if (given === null) return given;
  const isRound = (round: unknown): boolean =>
    isObject(round) &&
    Object.keys(round).toSorted().join() === "after,fixed_interval" &&
    tryDuration(textOf(round["after"])) !== undefined &&
    (tryDuration(textOf(round["fixed_interval"])) ?? 0) >= leastIntervalMs;
  if (Array.isArray(given) && given.every(isRound)) return given;
  throw notSupported("such a [downsampling] of a template");
}
