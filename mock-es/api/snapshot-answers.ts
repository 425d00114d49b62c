/** Snapshots as they are shown: by name, and with what their shards did. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";
import type { Repository, Snapshot } from "../store/snapshots.ts";
import { type Files, filesOfIndices, filesOfShard } from "../store/shard-files.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { repositoriesOf, repositoryOf } from "./repositories.ts";

/** `_snapshot/{repository}/{snapshot}` and `_status`. */
export const snapshotAnswerRoutes: readonly Route[] = [
  ...routesOf("snapshot.get", "none", ["GET /_snapshot/{repository}/{snapshot}"], get),
  ...routesOf(
    "snapshot.status",
    "none",
    [
      "GET /_snapshot/_status",
      "GET /_snapshot/{repository}/_status",
      "GET /_snapshot/{repository}/{snapshot}/_status",
    ],
    status,
  ),
];

/** 404 for a snapshot that is not there. */
export function snapshotMissing(repository: Repository, name: string): EsError {
  return new EsError(404, "snapshot_missing_exception", `[${repository.name}:${name}] is missing`);
}

/**
 * The snapshots that a list of names and patterns, with exclusions, names.
 *
 * @throws {EsError} 404 for a name that is not there, unless that is to be ignored
 */
export function findSnapshots(
  repository: Repository,
  list: string,
  ignoresMissing: boolean,
): Snapshot[] {
  const { snapshots } = repository.contents;
  const found = new Set<Snapshot>();
  let sawPattern = false;
  for (const name of list.split(",")) {
    const isExclusion: boolean = sawPattern && name.startsWith("-");
    const given: string = isExclusion ? name.slice(1) : name;
    const isPattern: boolean = given === "_all" || given.includes("*");
    sawPattern ||= isPattern;
    if (given === "_current") continue;
    const pattern = simplePattern(given === "_all" ? "*" : given);
    const fitting = [...snapshots.values()].filter((snapshot) => pattern.test(snapshot.name));
    if (fitting.length === 0 && !isPattern && !isExclusion && !ignoresMissing)
      throw snapshotMissing(repository, given);
    for (const snapshot of fitting) {
      if (isExclusion) found.delete(snapshot);
      else found.add(snapshot);
    }
  }
  return [...found];
}

/** How much of a snapshot is shown. */
interface Shown {
  readonly isVerbose: boolean;
  readonly withRepository: boolean;
  readonly withNames: boolean;
  readonly withDetails: boolean;
}

const everything: Shown = {
  isVerbose: true,
  withRepository: true,
  withNames: true,
  withDetails: false,
};

/** A snapshot as the server shows it. */
export function renderSnapshot(
  cluster: Cluster,
  repository: Repository,
  snapshot: Snapshot,
  shown: Shown = everything,
): JsonObject {
  const { name, uuid, indices, dataStreams, hasGlobalState, metadata, startedMs } = snapshot;
  const shards = shardsOf(snapshot);
  const time = new Date(startedMs).toISOString();
  const named = {
    snapshot: name,
    uuid,
    ...(shown.withRepository ? { repository: repository.name } : {}),
  };
  const listed = shown.withNames ? { indices: [...indices.keys()] } : {};
  if (!shown.isVerbose) return { ...named, ...listed, data_streams: [], state: "SUCCESS" };
  return {
    ...named,
    version_id: Number(cluster.profile.indexVersion),
    version: cluster.profile.indexVersionText,
    ...listed,
    ...(shown.withDetails ? { index_details: detailsOf(indices) } : {}),
    data_streams: dataStreams,
    include_global_state: hasGlobalState,
    ...(metadata === undefined ? {} : { metadata }),
    state: "SUCCESS",
    start_time: time,
    start_time_in_millis: startedMs,
    end_time: time,
    end_time_in_millis: startedMs,
    duration_in_millis: 0,
    failures: [],
    shards: { total: shards, failed: 0, successful: shards },
    feature_states: [],
  };
}

/** Number of the shards that a snapshot holds. */
export function shardsOf({ indices }: Snapshot): number {
  return [...indices.values()].reduce((sum, { shards }) => sum + shards.length, 0);
}

function detailsOf(indices: ReadonlyMap<string, IndexState>): JsonObject {
  const details = [...indices].map(([name, index]): [string, unknown] => [
    name,
    {
      shard_count: index.shards.length,
      size_in_bytes: filesOfIndices([index]).bytes,
      max_segments_per_shard: 1,
    },
  ]);
  return Object.fromEntries(details);
}

/** What snapshots are ordered by. */
const sortKeys: Readonly<
  Record<string, (repository: Repository, snapshot: Snapshot) => string | number>
> = {
  start_time: (_repository, { startedMs }) => startedMs,
  duration: () => 0,
  name: (_repository, { name }) => name,
  index_count: (_repository, { indices }) => indices.size,
  repository: ({ name }) => name,
  shard_count: (_repository, snapshot) => shardsOf(snapshot),
  failed_shard_count: () => 0,
};

interface Found {
  readonly repository: Repository;
  readonly snapshot: Snapshot;
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { query, pathParameters } = request;
  for (const name of ["from_sort_value", "slm_policy_filter", "state"])
    if (query.has(name)) throw notSupported(`[${name}] of [snapshot.get]`);
  const ignoresMissing = query.flag("ignore_unavailable", false);
  const isVerbose = query.flag("verbose", true);
  const shown: Shown = {
    isVerbose,
    withRepository: query.flag("include_repository", true),
    withNames: query.flag("index_names", true),
    withDetails: query.flag("index_details", false),
  };
  const order = readOrder(query);
  const offset = query.integer("offset") ?? 0;
  const size = query.integer("size") ?? -1;
  const after = query.text("after");
  checkPaging(isVerbose, query);
  const list = pathParameters["snapshot"] ?? "_all";
  const found = repositoriesOf(cluster, pathParameters["repository"] ?? "").flatMap((repository) =>
    findSnapshots(repository, list, ignoresMissing).map((snapshot) => ({ repository, snapshot })),
  );
  const sorted = found.toSorted(order.compare);
  const begin = offset + (after === undefined ? 0 : placeAfter(sorted, order, after));
  const page = sorted.slice(begin, size < 0 ? undefined : begin + size);
  const remaining = Math.max(0, sorted.length - begin - page.length);
  const last = page.at(-1);
  return jsonReply({
    snapshots: page.map(({ repository, snapshot }) =>
      renderSnapshot(cluster, repository, snapshot, shown),
    ),
    ...(last === undefined || remaining === 0 ? {} : { next: cursorOf(order, last) }),
    total: found.length,
    remaining,
  });
}

function checkPaging(isVerbose: boolean, query: QueryParameters): void {
  if (query.has("after") && (query.integer("offset") ?? 0) > 0)
    throw validationFailed("can't use after and offset simultaneously");
  const size = query.integer("size") ?? -1;
  const offset = query.integer("offset") ?? 0;
  const always = [
    ...(size === 0 || size < -1 ? ["size must be -1 or greater than 0"] : []),
    ...(offset < 0 ? ["offset must be non-negative"] : []),
  ];
  if (isVerbose && always.length > 0) throw validationFailed(...always);
  if (isVerbose) return;
  const problems = [
    ...always,
    ...(query.has("sort") ? ["can't use non-default sort with verbose=false"] : []),
    ...(size > 0 ? ["can't use size limit with verbose=false"] : []),
    ...(offset > 0 ? ["can't use offset with verbose=false"] : []),
    ...(query.has("after") ? ["can't use after with verbose=false"] : []),
    ...(query.text("order") === "desc"
      ? ["can't use non-default sort order with verbose=false"]
      : []),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
}

/** The place of a snapshot, as the next page is asked for with it. */
function cursorOf({ key }: Order, { repository, snapshot }: Found): string {
  const parts = [key(repository, snapshot), repository.name, snapshot.name];
  return Buffer.from(parts.join(",")).toString("base64url");
}

/** How many snapshots stand up to the one of a cursor. @throws {EsError} 400 for what is none */
function placeAfter(sorted: readonly Found[], order: Order, cursor: string): number {
  const at = sorted.findIndex((entry) => cursorOf(order, entry) === cursor.replace(/=+$/, ""));
  if (at !== -1) return at + 1;
  const parts = Buffer.from(cursor, "base64url").toString("utf8").split(",");
  if (parts.length !== 3) throw illegalArgument(`invalid \`after\` parameter [${cursor}]`);
  throw notSupported("[after] of a snapshot that is not there any more");
}

/** How snapshots are ordered. */
interface Order {
  readonly key: (repository: Repository, snapshot: Snapshot) => string | number;
  readonly compare: (one: Found, other: Found) => number;
}

function readOrder(query: QueryParameters): Order {
  const by = query.text("sort") ?? "start_time";
  const order = query.text("order") ?? "asc";
  if (order !== "asc" && order !== "desc")
    throw illegalArgument(
      `No enum constant org.elasticsearch.search.sort.SortOrder.${order.toUpperCase()}`,
    );
  const key = Object.hasOwn(sortKeys, by) ? sortKeys[by] : undefined;
  if (key === undefined) throw illegalArgument(`unknown sort key [${by}]`);
  const factor = order === "desc" ? -1 : 1;
  const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
  const isVerbose = query.text("verbose") !== "false";
  return {
    key,
    compare: (one, other) =>
      factor *
      ((isVerbose
        ? compare(key(one.repository, one.snapshot), key(other.repository, other.snapshot))
        : 0) ||
        compare(one.snapshot.name, other.snapshot.name) ||
        compare(one.repository.name, other.repository.name)),
  };
}

/** Snapshots that are being made are told of where none is named; there are never any. */
function status(request: EsRequest, cluster: Cluster): EsReply {
  const { query, pathParameters } = request;
  const ignoresMissing = query.flag("ignore_unavailable", false);
  const list = pathParameters["snapshot"];
  // Without a name only what is being taken is looked at, in whatever repository.
  if (list === undefined) return jsonReply({ snapshots: [] });
  const repository = repositoryOf(request, cluster);
  if (list.includes("*")) throw snapshotMissing(repository, list);
  const found = findSnapshots(repository, list, ignoresMissing);
  return jsonReply({ snapshots: found.map((snapshot) => renderStatus(repository, snapshot)) });
}

function renderStatus(repository: Repository, snapshot: Snapshot): JsonObject {
  const { name, uuid, indices, hasGlobalState, startedMs } = snapshot;
  const list = [...indices];
  return {
    snapshot: name,
    repository: repository.name,
    uuid,
    state: "SUCCESS",
    include_global_state: hasGlobalState,
    shards_stats: shardStats(shardsOf(snapshot)),
    stats: stats(filesOfIndices(indices.values()), startedMs),
    indices: Object.fromEntries(
      list.map(([key, index]) => [
        key,
        {
          shards_stats: shardStats(index.shards.length),
          stats: stats(filesOfIndices([index]), startedMs),
          shards: Object.fromEntries(
            index.shards.map((shard, at) => [
              String(at),
              {
                stage: "DONE",
                stats: stats(filesOfShard(shard), startedMs),
              },
            ]),
          ),
        },
      ]),
    ),
  };
}

function shardStats(total: number): JsonObject {
  return { initializing: 0, started: 0, finalizing: 0, done: total, failed: 0, total };
}

function stats({ count, bytes }: Files, startedMs: number): JsonObject {
  const part = { file_count: count, size_in_bytes: bytes };
  return { incremental: part, total: part, start_time_in_millis: startedMs, time_in_millis: 0 };
}
