import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { illegalArgument } from "../es-error.ts";
import { recoveryType } from "../api/shard-details.ts";
import { metadataOptions } from "../api/indices.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
import type { ShardState } from "../store/shard-state.ts";
import { metricsOf, readMetricChoice } from "../api/index-metrics.ts";
import { parseQueryString } from "../rest/query-parameters.ts";
import { nodeHost } from "../api/node-selection.ts";
import { bytes, type CatCell, millis } from "./cat-cell.ts";
import { metricCells, metricColumns } from "./cat-metrics.ts";
import { catColumns, catReply, type CatRow } from "./cat-table.ts";
import { countMatches } from "../api/search-run.ts";
import { scopeOf } from "../api/search-scope.ts";
import { resolveTargets } from "../store/index-expression.ts";
import { readQueryOnly } from "../api/search-body.ts";
import { blockedTwice, shownIndices } from "./shown-indices.ts";

/** Cat endpoints about indices and their shards. */
export const catIndexRoutes: readonly Route[] = [
  ...routesOf("cat.indices", "none", ["GET /_cat/indices", "GET /_cat/indices/{index}"], indices),
  ...routesOf(
    "cat.count",
    "optional",
    ["GET,POST /_cat/count", "GET,POST /_cat/count/{index}"],
    count,
  ),
  ...routesOf("cat.shards", "none", ["GET /_cat/shards", "GET /_cat/shards/{index}"], shards),
  ...routesOf(
    "cat.segments",
    "none",
    ["GET /_cat/segments", "GET /_cat/segments/{index}"],
    segments,
  ),
  ...routesOf(
    "cat.recovery",
    "none",
    ["GET /_cat/recovery", "GET /_cat/recovery/{index}"],
    recovery,
  ),
];

const ownIndexColumns = catColumns(`
health,h | | current health status
status,s | | open/close status
index,i,idx | | index name
uuid,id,uuid | | index uuid
pri,p,shards.primary,shardsPrimary | > | number of primary shards
rep,r,shards.replica,shardsReplica | > | number of replica shards
docs.count,dc,docsCount | > | available docs
docs.deleted,dd,docsDeleted | > | deleted docs
creation.date,cd | - | index creation date (millisecond value)
creation.date.string,cds | - | index creation date (as string)
store.size,ss,storeSize | > | store size of primaries & replicas
pri.store.size | > | store size of primaries
dataset.size | > | total size of dataset
`);

const indexMetrics = metricColumns("indices");
/** Each metric of an index, and that of its primaries. */
const indexColumns = [
  ...ownIndexColumns,
  ...indexMetrics.flatMap((column) => [
    column,
    {
      ...column,
      name: `pri.${column.name}`,
      aliases: [],
      description: column.name === "memory.total" ? "total user memory" : column.description,
    },
  ]),
];

function indices(request: EsRequest, cluster: Cluster): EsReply {
  const health = request.query.text("health")?.toLowerCase();
  cluster.beginAction();
  if (health !== undefined && !["green", "yellow", "red"].includes(health))
    throw illegalArgument(`unknown cluster health status [${health}]`);
  return catReply(request, indexColumns, () =>
    blockedTwice(() =>
      shownIndices(
        cluster,
        request.pathParameters["index"],
        readIndexOptions(request.query, { ...metadataOptions, expandHidden: false }),
      ),
    )
      .filter((index) => health === undefined || healthOf(index) === health)
      .map(indexRow),
  );
}

const allMetrics = readMetricChoice("", "_all", parseQueryString(""), false);

function indexRow(index: IndexState): CatRow {
  const { settings } = index;
  const open = <T>(value: T): T | null => (index.isClosed ? null : value);
  const size = open(bytes(index.sourceBytes));
  return [
    healthOf(index),
    index.isClosed ? "close" : "open",
    index.name,
    index.uuid,
    settings.shards,
    settings.replicas,
    open(index.documentCount),
    open(0),
    index.createdMs,
    new Date(index.createdMs).toISOString(),
    size,
    size,
    size,
    ...metricCells(
      indexMetrics,
      index.isClosed ? undefined : metricsOf([index], allMetrics),
    ).flatMap((cell) => [cell, cell]),
  ];
}

const countColumns = catColumns(`
epoch,t,time | | seconds since 1970-01-01 00:00:00
timestamp,ts,hms,hhmmss | | time in HH:MM:SS
count,dc,docs.count,docsCount | | the document count
`);

/** Cells `epoch` and `timestamp` of an instant. */
export function timeCells(nowMs: number): CatCell[] {
  return [Math.floor(nowMs / 1000), new Date(nowMs).toISOString().slice(11, 19)];
}

function count(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, countColumns, () => {
    const targets = resolveTargets(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, searchIndexOptions),
    );
    const query = readQueryOnly(request);
    const body = query === undefined ? {} : { query };
    const found = countMatches(cluster, scopeOf(cluster, targets), body);
    return [[...timeCells(cluster.entropy.nowMs()), found.count]];
  });
}

const ownShardColumns = catColumns(`
index,i,idx | | index name
shard,s,sh | | shard name
prirep,p,pr,primaryOrReplica | | primary or replica
state,st | | shard state
docs,d,dc | > | number of docs in shard
store,sto | > | store size of shard (how much disk it uses)
dataset | > | total size of dataset
ip | | ip of node where it lives
id | - | unique id of node where it lives
node,n | | name of node where it lives
unassigned.reason,ur | - | reason shard became unassigned
unassigned.at,ua | - | time shard became unassigned (UTC)
unassigned.for,uf | -> | time has been unassigned
unassigned.details,ud | - | additional details as to why the shard became unassigned
recoverysource.type,rs | - | recovery source type
`);
const shardMetrics = metricColumns("shards");
const sequenceColumns = catColumns(`
seq_no.max,sqm,maxSeqNo | -> | max sequence number
seq_no.local_checkpoint,sql,localCheckpoint | -> | local checkpoint
seq_no.global_checkpoint,sqg,globalCheckpoint | -> | global checkpoint
`);
const pathColumns = catColumns(`
path.data,pd,dataPath | - | shard data path
path.state,ps,statsPath | - | shard state path
`);
/** Where sequence numbers and paths stand among the metrics. */
const warmerAt = shardMetrics.findIndex(({ name }) => name === "warmer.current");
const bulkAt = shardMetrics.findIndex(({ name }) => name.startsWith("bulk."));
const shardColumns = [
  ...ownShardColumns,
  ...shardMetrics.slice(0, warmerAt),
  ...sequenceColumns,
  ...shardMetrics.slice(warmerAt, bulkAt),
  ...pathColumns,
  ...shardMetrics.slice(bulkAt),
];

/** Nothing is on disk, so that paths are empty. */
function amongMetrics(
  metrics: readonly CatCell[],
  numbers: readonly CatCell[],
): readonly CatCell[] {
  return [
    ...metrics.slice(0, warmerAt),
    ...numbers,
    ...metrics.slice(warmerAt, bulkAt),
    null,
    null,
    ...metrics.slice(bulkAt),
  ];
}

function shards(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, shardColumns, () =>
    shownIndices(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, metadataOptions),
    ).flatMap((index) => shardRows(cluster, index)),
  );
}

function shardRows(cluster: Cluster, index: IndexState): CatRow[] {
  const rows: CatRow[] = [];
  const [node] = cluster.nodes;
  const nothing = metricCells(shardMetrics, undefined);
  const now = cluster.entropy.nowMs();
  for (const [number, shard] of index.shards.entries()) {
    const size = bytes(sizeOf(index, shard));
    const { documentCount, maxSeqNo } = shard;
    const where = [nodeHost(node), node.id, node.name];
    const numbers = [maxSeqNo, maxSeqNo, maxSeqNo];
    // Operations are counted for an index; those of one of several shards are not known.
    const isKnown = index.shards.length === 1 && !index.isClosed;
    const metrics = isKnown ? metricCells(shardMetrics, metricsOf([index], allMetrics)) : nothing;
    rows.push([
      index.name,
      number,
      "p",
      "STARTED",
      documentCount,
      size,
      size,
      ...where,
      null,
      null,
      null,
      null,
      null,
      ...amongMetrics(metrics, numbers),
    ]);
    const since = new Date(index.createdMs).toISOString();
    const waits = millis(now - index.createdMs);
    for (let replica = 0; replica < index.settings.replicas; replica++) {
      rows.push([
        index.name,
        number,
        "r",
        "UNASSIGNED",
        null,
        null,
        null,
        null,
        null,
        null,
        "INDEX_CREATED",
        since,
        waits,
        null,
        "peer",
        ...amongMetrics(nothing, [null, null, null]),
      ]);
    }
  }
  return rows;
}

/** Characters of the sources of a shard. */
function sizeOf(index: IndexState, shard: ShardState): number {
  if (index.shards.length === 1) return index.sourceBytes;
  let size = 0;
  for (const { text } of shard.live()) size += text.length;
  return size;
}

const segmentColumns = catColumns(`
index,i,idx | | index name
shard,s,sh | | shard name
prirep,p,pr,primaryOrReplica | | primary or replica
ip | | ip of node where it lives
id | - | unique id of node where it lives
segment,seg | | segment name
generation,g,gen | > | segment generation
docs.count,dc,docsCount | > | number of docs in segment
docs.deleted,dd,docsDeleted | > | number of deleted docs in segment
size,si | > | segment size in bytes
size.memory,sm,sizeMemory | > | segment memory in bytes
committed,ic,isCommitted | | is segment committed
searchable,is,isSearchable | | is segment searched
version,v,ver | | version
compound,ico,isCompound | | is segment compound
`);

function segments(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, segmentColumns, () =>
    shownIndices(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, searchIndexOptions),
    ).flatMap((index) =>
      index.isClosed
        ? []
        : [...index.shards.entries()]
            .filter(([, shard]) => shard.documentCount > 0)
            .map(([number, shard]): CatRow => [
              index.name,
              number,
              "p",
              nodeHost(cluster.nodes[0]),
              cluster.nodeId,
              "_0",
              0,
              shard.documentCount,
              0,
              bytes(sizeOf(index, shard)),
              0,
              false,
              true,
              cluster.profile.luceneVersion,
              true,
            ]),
    ),
  );
}

const recoveryColumns = catColumns(`
index,i,idx | | index name
shard,s,sh | | shard name
start_time,start | - | recovery start time
start_time_millis,start_millis | - | recovery start time in epoch milliseconds
stop_time,stop | - | recovery stop time
stop_time_millis,stop_millis | - | recovery stop time in epoch milliseconds
time,t,ti | | recovery time
type,ty | | recovery type
stage,st | | recovery stage
source_host,shost | | source host
source_node,snode | | source node name
target_host,thost | | target host
target_node,tnode | | target node name
repository,rep | | repository
snapshot,snap | | snapshot
files,f | | number of files to recover
files_recovered,fr | | files recovered
files_percent,fp | | percent of files recovered
files_total,tf | | total number of files
bytes,b | | number of bytes to recover
bytes_recovered,br | | bytes recovered
bytes_percent,bp | | percent of bytes recovered
bytes_total,tb | | total number of bytes
translog_ops,to | | number of translog ops to recover
translog_ops_recovered,tor | | translog ops recovered
translog_ops_percent,top | | percent of translog ops recovered
`);

function recovery(request: EsRequest, cluster: Cluster): EsReply {
  const { query, pathParameters } = request;
  const options = readIndexOptions(query, metadataOptions);
  return catReply(request, recoveryColumns, () =>
    query.flag("active_only", false)
      ? []
      : shownIndices(cluster, pathParameters["index"] ?? query.text("index"), options).flatMap(
          (index) => recoveryRows(cluster, index),
        ),
  );
}

function recoveryRows(cluster: Cluster, index: IndexState): CatRow[] {
  const [node] = cluster.nodes;
  const at = index.createdMs;
  const text = new Date(at).toISOString();
  const type = recoveryType(index);
  return index.shards.map((_shard, number): CatRow => [
    index.name,
    number,
    text,
    at,
    text,
    at,
    millis(0),
    type,
    "done",
    "n/a",
    "n/a",
    nodeHost(node),
    node.name,
    "n/a",
    "n/a",
    0,
    0,
    index.isClosed ? "100.0%" : "0.0%",
    0,
    bytes(0),
    bytes(0),
    index.isClosed ? "100.0%" : "0.0%",
    bytes(0),
    0,
    0,
    "100.0%",
  ]);
}
