import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { metadataOptions } from "../api/indices.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
import { nodeHost } from "../api/nodes.ts";
import { bytes, type CatCell } from "./cat-cell.ts";
import { catColumns, catReply, type CatRow } from "./cat-table.ts";
import { countMatches } from "../api/search-run.ts";
import { scopeOf } from "../api/search-scope.ts";
import { resolveTargets } from "../store/index-expression.ts";
import { readQueryOnly } from "../api/search-body.ts";

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

const indexColumns = catColumns(`
health,h | | current health status
status,s | | open/close status
index,i,idx | | index name
uuid,id | | index uuid
pri,p,shards.primary,shardsPrimary | > | number of primary shards
rep,r,shards.replica,shardsReplica | > | number of replica shards
docs.count,dc,docsCount | > | available docs
docs.deleted,dd,docsDeleted | > | deleted docs
creation.date,cd | - | index creation date (millisecond value)
creation.date.string,cds | - | index creation date (as string)
store.size,ss,storeSize | > | store size of primaries & replicas
pri.store.size | > | store size of primaries
dataset.size | > | total size of dataset
indexing.index_total,iito,indexingIndexTotal | -> | number of indexing ops
indexing.delete_total,idto,indexingDeleteTotal | -> | number of delete ops
get.total,gto,getTotal | -> | number of get ops
search.query_total,sqto,searchQueryTotal | -> | total query phase ops
refresh.total,rto,refreshTotal | -> | total refreshes
flush.total,ft,flushTotal | -> | number of flushes
merges.total,mt,mergesTotal | -> | number of completed merge ops
`);

function indices(request: EsRequest, cluster: Cluster): EsReply {
  const health = request.query.text("health")?.toLowerCase();
  return catReply(request, indexColumns, () =>
    resolveIndices(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, { ...metadataOptions, expandHidden: false }),
    )
      .filter((index) => health === undefined || healthOf(index) === health)
      .map(indexRow),
  );
}

function indexRow(index: IndexState): CatRow {
  const { settings, counts } = index;
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
    counts.indexed,
    counts.deleted,
    counts.gets,
    counts.searches,
    counts.refreshes,
    counts.flushes,
    counts.merges,
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

const shardColumns = catColumns(`
index,i,idx | | index name
shard,s,sh | | shard name
prirep,p,pr,primaryOrReplica | | primary or replica
state,st | | shard state
docs,d,dc | > | number of docs in shard
store,sto | > | store size of shard (how much disk it uses)
dataset.size | > | total size of dataset
ip | | ip of node where it lives
id | - | unique id of node where it lives
node,n | | name of node where it lives
unassigned.reason,ur | - | reason shard became unassigned
`);

function shards(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, shardColumns, () =>
    resolveIndices(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, metadataOptions),
    ).flatMap((index) => shardRows(cluster, index)),
  );
}

function shardRows(cluster: Cluster, index: IndexState): CatRow[] {
  const rows: CatRow[] = [];
  for (let shard = 0; shard < index.settings.shards; shard++) {
    // All documents are kept together; the first shard stands for them.
    const documents = shard === 0 ? index.documentCount : 0;
    const size = bytes(shard === 0 ? index.sourceBytes : 0);
    rows.push([
      index.name,
      shard,
      "p",
      "STARTED",
      documents,
      size,
      size,
      nodeHost(cluster.nodes[0]),
      cluster.nodeId,
      cluster.profile.nodeName,
      null,
    ]);
    for (let replica = 0; replica < index.settings.replicas; replica++) {
      rows.push([
        index.name,
        shard,
        "r",
        "UNASSIGNED",
        null,
        null,
        null,
        null,
        null,
        null,
        "INDEX_CREATED",
      ]);
    }
  }
  return rows;
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
    resolveIndices(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(request.query, searchIndexOptions),
    )
      .filter((index) => index.documentCount > 0)
      .map((index) => [
        index.name,
        0,
        "p",
        nodeHost(cluster.nodes[0]),
        cluster.nodeId,
        "_0",
        0,
        index.documentCount,
        0,
        bytes(index.sourceBytes),
        0,
        false,
        true,
        cluster.profile.luceneVersion,
        true,
      ]),
  );
}

const recoveryColumns = catColumns(`
index,i,idx | | index name
shard,s,sh | | shard name
time,t,ti | | recovery time
type,ty | | recovery type
stage,st | | recovery stage
source_host,shost | | source host
source_node,snode | | source node name
target_host,thost | | target host
target_node,tnode | | target node name
`);

function recovery(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, recoveryColumns, () =>
    request.query.flag("active_only", false)
      ? []
      : resolveIndices(
          cluster,
          request.pathParameters["index"],
          readIndexOptions(request.query, metadataOptions),
        ).flatMap((index) =>
          Array.from({ length: index.settings.shards }, (_unused, shard): CatRow => [
            index.name,
            shard,
            "0ms",
            "empty_store",
            "done",
            "n/a",
            "n/a",
            nodeHost(cluster.nodes[0]),
            cluster.profile.nodeName,
          ]),
        ),
  );
}
