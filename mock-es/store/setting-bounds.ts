/**
 * The least and the greatest values of settings of an index that are durations, sizes, or numbers
 * with a greatest value, and the least durations of the cluster. Facts of Elasticsearch 9.5, found
 * by asking a real node.
 */
import { illegalArgument } from "../es-error.ts";
import { parseByteSize } from "../values/byte-size.ts";
import { parseDuration } from "../values/duration.ts";

/** `NAME=LEAST..MOST`, either of which may be missing. */
const table = `
flush_after_merge=0.. gc_deletes=-1.. search.idle.after=0m.. search.slowlog.threshold=-1..
indexing.slowlog.threshold=-1.. soft_deletes.retention_lease.period=0ms..
synthetic_id.bloom_filter.max_size=64kb..8mb translog.flush_threshold_age=1s..1h
translog.flush_threshold_size=56b.. translog.generation_threshold_size=56b..
translog.retention.age=-1.. translog.sync_interval=100ms..
unassigned.node_left.delayed_timeout=0ms.. merge.policy.deletes_pct_allowed=..50.0
store.fs.directio_async_prefetch_limit=..256 synthetic_id.bloom_filter.high_bits_per_doc=..256.0
number_of_shards=..1024
`;

/** The least durations of settings of the cluster. */
const clusterTable = `
cluster.service.slow_master_task_logging_threshold=0ms
cluster.service.slow_task_logging_threshold=0ms gateway.slow_write_logging_threshold=0ms
health.shards_availability.primary_unassigned_buffer_time=0s indices.mapping.dynamic_timeout=0ms
indices.recovery.internal_action_retry_timeout=0ms indices.recovery.recovery_activity_timeout=0ms
indices.recovery.retry_delay_state_sync=0ms indices.stats.recent_read_load.half_life=1s
`;

interface Bounds {
  readonly least: string;
  readonly most: string;
}

const bounds: ReadonlyMap<string, Bounds> = new Map([
  ...entriesOf(table, "index."),
  ...entriesOf(clusterTable, ""),
]);

function entriesOf(text: string, prefix: string): [string, Bounds][] {
  return text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = "", range = ""] = entry.split("=");
      const [least = "", most = ""] = range.split("..");
      return [`${prefix}${name}`, { least, most }];
    });
}

function boundsOf(name: string): Bounds | undefined {
  return bounds.get(name) ?? bounds.get(name.replace(/(?<=slowlog\.threshold)\..*$/, ""));
}

/** Settings of an index whose whole numbers are longs. */
const longs = /^index\.(?:lifecycle\.origination_date|mapping\..*\.limit|soft_deletes\..*)$/;

const maxInteger = String(2 ** 31 - 1);

/**
 * Checks that a duration or a size is not too small or too large.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkBounds(name: string, text: string, kind: "duration" | "size"): void {
  const { least = "", most = "" } = boundsOf(name) ?? {};
  const read = (value: string): number =>
    kind === "size"
      ? parseByteSize(value, name)
      : // -1 of a unit is as many of it.
        parseDuration(value, name) * (/^\s*-.*[\d\s][smhd]$/i.test(value) ? 1000 : 1);
  const failed = `failed to parse value [${text}] for setting [${name}]`;
  if (least !== "" && read(text) < read(least))
    throw illegalArgument(`${failed}, must be >= [${least}]`);
  if (most !== "" && read(text) > read(most))
    throw illegalArgument(`${failed}, must be <= [${most}]`);
}

/**
 * Checks that a number is not too large.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkMost(name: string, text: string, isWhole: boolean): void {
  const isInteger = isWhole && name.startsWith("index.") && !longs.test(name);
  const most = boundsOf(name)?.most ?? (isInteger ? maxInteger : "");
  if (most === "" || Number(text) <= Number(most)) return;
  throw illegalArgument(`Failed to parse value [${text}] for setting [${name}] must be <= ${most}`);
}
