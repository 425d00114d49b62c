/** The index privileges by name, and what each of them grants. */
import { type ActionSet, actionSet } from "./action-set.ts";

const monitor = "indices:monitor/*";
const searchShards = "indices:admin/shards/search_shards indices:admin/search/search_shards";
const read =
  "indices:data/read/* indices:admin/resolve/index indices:admin/resolve/cluster " +
  "indices:admin/inference/fields/get";
const bulk =
  "indices:data/write/bulk* indices:data/write/simulate/bulk* indices:data/write/otlp/* " +
  "indices:data/write/prometheus/*";
const fieldsAndCaps =
  "indices:data/read/field_caps* indices:data/read/xpack/rollup/get/index/caps*";
const restoring =
  "indices:internal/admin/ccr/restore/session/clear* " +
  "indices:internal/admin/ccr/restore/file_chunk/get*";
const autoMapping = "indices:admin/mapping/auto_put";
const autoCreation = "indices:admin/auto_create indices:admin/data_stream/auto_create_past_tsdb";

/**
 * Patterns of actions. Facts of Elasticsearch 9.5.3 in the order in which it lists them: what
 * grants more comes later. Privileges of failure stores grant nothing here, where there are none.
 */
const table: Readonly<Record<string, string>> = {
  manage_failure_store: "",
  read_failure_store: "",
  none: "",
  create_doc:
    "indices:data/write/index indices:data/write/index[* " +
    `indices:data/write/index:op_type/create ${bulk}`,
  create: `indices:data/write/index* ${bulk}`,
  create_dataset: "indices:admin/esql/dataset/put",
  create_view: "indices:admin/esql/view/put",
  delete_dataset: "indices:admin/esql/dataset/delete",
  delete_view: "indices:admin/esql/view/delete",
  read_dataset_metadata: "indices:admin/esql/dataset/get",
  read_view_metadata: "indices:admin/esql/view/get",
  auto_configure: `${autoMapping} ${autoCreation}`,
  create_index: `indices:admin/create indices:admin/data_stream/create ${autoCreation}`,
  delete: "indices:data/write/delete* indices:data/write/bulk*",
  delete_index: "indices:admin/delete indices:admin/data_stream/delete",
  index: `indices:data/write/index* indices:data/write/update* ${bulk}`,
  maintenance:
    "indices:admin/refresh* indices:admin/flush* indices:admin/synced_flush " +
    "indices:admin/forcemerge*",
  manage_data_stream_lifecycle: "indices:admin/data_stream/lifecycle/*",
  manage_dataset: "indices:admin/esql/dataset/*",
  manage_follow_index:
    "indices:admin/xpack/ccr/put_follow indices:admin/xpack/ccr/unfollow indices:admin/close* " +
    "indices:admin/data_stream/promote indices:admin/rollover",
  manage_ilm: "indices:admin/ilm/*",
  manage_leader_index: "indices:admin/xpack/ccr/forget_follower*",
  manage_view: "indices:admin/esql/view*",
  monitor,
  read_cross_cluster:
    `internal:transport/proxy/indices:data/read/* ${searchShards} ` +
    "indices:admin/resolve/cluster indices:data/read/esql indices:data/read/esql/compute",
  view_index_metadata:
    "indices:admin/aliases/get indices:admin/get indices:admin/mappings/fields/get* " +
    `indices:admin/mappings/get ${searchShards} indices:admin/validate/query* ` +
    "indices:monitor/settings/get indices:admin/ilm/explain " +
    "indices:admin/data_stream/lifecycle/get indices:admin/data_stream/lifecycle/explain " +
    "indices:admin/data_stream/get indices:admin/resolve/index indices:admin/resolve/cluster " +
    `${fieldsAndCaps} indices:monitor/transform/checkpoint* indices:monitor/get/metering/stats ` +
    "indices:admin/get/metering/stats",
  cross_cluster_replication:
    "indices:data/read/xpack/ccr/shard_changes* indices:monitor/stats* " +
    "indices:admin/seq_no/add_retention_lease indices:admin/seq_no/remove_retention_lease " +
    "indices:admin/seq_no/renew_retention_lease",
  cross_cluster_replication_internal:
    `${restoring} indices:internal/admin/ccr/restore/session/put* ` +
    restoring.replaceAll("indices:", "internal:transport/proxy/indices:"),
  manage: `${monitor} indices:admin/* ${fieldsAndCaps}`,
  read: `${read} internal:transport/proxy/indices:data/read/* ${searchShards}`,
  write: `indices:data/write/* ${autoMapping}`,
  all: "indices:* internal:transport/proxy/indices:*",
};

const privileges: ReadonlyMap<string, ActionSet> = new Map(
  Object.entries(table).map(([name, patterns]) => [name, actionSet(patterns)]),
);

/** What privileges would grant on failure stores; the last three grant it on documents, too. */
const ofFailures: ReadonlyMap<string, ActionSet | undefined> = new Map([
  ["manage_failure_store", privileges.get("manage")],
  ["read_failure_store", privileges.get("read")],
  ...["manage", "manage_data_stream_lifecycle", "all"].map(
    (name) => [name, privileges.get(name)] as const,
  ),
]);

/** What a privilege would grant on a failure store; `undefined` for one that is of none. */
export function failureStorePrivilege(name: string): ActionSet | undefined {
  return ofFailures.get(name.toLowerCase());
}

/** True for a privilege that grants something on failure stores, and on nothing else. */
export function isOfFailuresOnly(name: string): boolean {
  return failureStorePrivilege(name) !== undefined && indexPrivilege(name)?.patterns.length === 0;
}

/** Names of all index privileges. */
export const indexPrivilegeNames: readonly string[] = [...privileges.keys()];

/**
 * What a privilege grants, which is named, or an action with what begins like it; `undefined` for
 * anything else.
 */
export function indexPrivilege(name: string): ActionSet | undefined {
  const lower = name.toLowerCase();
  const isAction = /^(?:indices:|internal:transport\/proxy\/indices:)/.test(lower);
  return privileges.get(lower) ?? (isAction ? actionSet(`${lower}*`) : undefined);
}

/** Names of the privileges that grant an action, as error texts list them. */
export function indexPrivilegesFor(action: string): readonly string[] {
  return indexPrivilegeNames.filter((name) => privileges.get(name)?.includes(action) === true);
}
