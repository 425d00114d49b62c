/** How long data streams would keep their documents: by their own word, or by the cluster's. */
import { type JsonObject, textOf } from "../json/json-value.ts";
import type { Cluster } from "../store/cluster.ts";
import { durationMs, unitMs } from "../values/duration.ts";

/** A time, and who says so. */
interface Retention {
  readonly retention: string;
  readonly source:
    | "data_stream_configuration"
    | "default_global_retention"
    | "max_global_retention";
}

/** What the cluster says of all data streams. */
export function globalRetention(cluster: Cluster): JsonObject {
  const { most, usual } = bounds(cluster);
  return {
    ...(most === undefined ? {} : { max_retention: most }),
    ...(usual === undefined ? {} : { default_retention: usual }),
  };
}

function bounds(cluster: Cluster): { most: string | undefined; usual: string | undefined } {
  const read = (name: string): string | undefined => {
    const text = cluster.setting(`data_streams.lifecycle.retention.${name}`);
    return text === "-1" ? undefined : text;
  };
  return { most: read("max"), usual: read("default") };
}

/**
 * How long documents are kept; `undefined`: for ever.
 *
 * @param isInternal the cluster's word does not count
 */
export function retentionOf(
  cluster: Cluster,
  lifecycle: JsonObject,
  isInternal: boolean,
): Retention | undefined {
  if (lifecycle["enabled"] === false) return undefined;
  const { most, usual } = isInternal ? { most: undefined, usual: undefined } : bounds(cluster);
  const given = lifecycle["data_retention"] ?? undefined;
  if (given === undefined) {
    if (usual !== undefined) return { retention: usual, source: "default_global_retention" };
    return most === undefined ? undefined : { retention: most, source: "max_global_retention" };
  }
  const retention = textOf(given);
  if (most !== undefined && durationMs(retention) > durationMs(most))
    return { retention: most, source: "max_global_retention" };
  return { retention, source: "data_stream_configuration" };
}

/** What is told to who asks for another time than the cluster's; `undefined`: nothing. */
export function retentionWarning(cluster: Cluster, lifecycle: JsonObject): string | undefined {
  const { retention, source } = retentionOf(cluster, lifecycle, false) ?? {};
  if (retention === undefined || source === "data_stream_configuration") return undefined;
  const given = lifecycle["data_retention"];
  const problem =
    given === undefined
      ? "Not providing a retention is not allowed for this project."
      : `The retention provided [${textOf(given)}] is exceeding the max allowed data retention of this project [${retention}].`;
  const which = source === "max_global_retention" ? "max" : "default";
  return `${problem} The ${which} retention of [${retention}] will be applied.`;
}

const defaultRollover =
  "max_age=auto,max_primary_shard_size=50gb,min_docs=1,max_primary_shard_docs=200000000";

/** When indices of a data stream would be rolled over. @param retention how long it keeps them */
export function shownRollover(cluster: Cluster, retention: string | undefined): JsonObject {
  const text = cluster.setting("cluster.lifecycle.default.rollover") ?? defaultRollover;
  const shown: Record<string, unknown> = {};
  for (const condition of text.split(",")) {
    const [name = "", value = ""] = condition.trim().split("=");
    if (value === "auto") shown[name] = `${ageFor(retention)} [automatic]`;
    else shown[name] = name.endsWith("_docs") ? Number(value) : value;
  }
  return shown;
}

function ageFor(retention: string | undefined): string {
  const days = retention === undefined ? Infinity : durationMs(retention) / (unitMs["d"] ?? 1);
  if (days <= 1) return "1h";
  if (days <= 14) return "1d";
  return days <= 90 ? "7d" : "30d";
}
