import { nodeHost } from "../api/nodes.ts";
import { uptimeMs } from "../api/cluster-admin.ts";
import { warningHeader } from "../rest/warning.ts";
import { textReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { clusterHealth, countShards } from "../store/cluster-health.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { sortedIndices } from "../store/index-expression.ts";
import { humanTime } from "../rest/human-units.ts";
import { bytes } from "./cat-cell.ts";
import { timeCells } from "./cat-indices.ts";
import { catColumns, catReply, type CatColumn, type CatRow } from "./cat-table.ts";

/** Cat endpoints about the cluster and its node. */
export const catClusterRoutes: readonly Route[] = [
  ...routesOf("cat.help", "none", ["GET /_cat"], help),
  ...routesOf("cat.health", "none", ["GET /_cat/health"], health),
  ...routesOf("cat.aliases", "none", ["GET /_cat/aliases", "GET /_cat/aliases/{name}"], aliases),
  ...routesOf(
    "cat.templates",
    "none",
    ["GET /_cat/templates", "GET /_cat/templates/{name}"],
    templates,
  ),
  ...routesOf(
    "cat.component_templates",
    "none",
    ["GET /_cat/component_templates", "GET /_cat/component_templates/{name}"],
    components,
  ),
  ...routesOf("cat.master", "none", ["GET /_cat/master"], master),
  ...routesOf("cat.nodes", "none", ["GET /_cat/nodes"], nodes),
  ...routesOf(
    "cat.nodeattrs",
    "none",
    ["GET /_cat/nodeattrs"],
    fixed(attributeColumns(), () => []),
  ),
  ...routesOf(
    "cat.pending_tasks",
    "none",
    ["GET /_cat/pending_tasks"],
    fixed(taskColumns(), () => []),
  ),
  ...routesOf(
    "cat.plugins",
    "none",
    ["GET /_cat/plugins"],
    fixed(pluginColumns(), () => []),
  ),
  ...routesOf(
    "cat.allocation",
    "none",
    ["GET /_cat/allocation", "GET /_cat/allocation/{node_id}"],
    allocation,
  ),
  ...routesOf(
    "cat.thread_pool",
    "none",
    ["GET /_cat/thread_pool", "GET /_cat/thread_pool/{thread_pool_patterns}"],
    threadPool,
  ),
];

function help(): EsReply {
  const paths = [
    "allocation",
    "shards",
    "shards/{index}",
    "master",
    "nodes",
    "indices",
    "indices/{index}",
    "segments",
    "segments/{index}",
    "count",
    "count/{index}",
    "recovery",
    "recovery/{index}",
    "health",
    "pending_tasks",
    "aliases",
    "aliases/{alias}",
    "thread_pool",
    "thread_pool/{thread_pools}",
    "plugins",
    "nodeattrs",
    "templates",
    "component_templates",
  ];
  return textReply(`=^.^=\n${paths.map((path) => `/_cat/${path}\n`).join("")}`);
}

function fixed(columns: readonly CatColumn[], rows: (cluster: Cluster) => readonly CatRow[]) {
  return (request: EsRequest, cluster: Cluster): EsReply =>
    catReply(request, columns, () => rows(cluster));
}

const healthColumns = catColumns(`
epoch,t,time | | seconds since 1970-01-01 00:00:00
timestamp,ts,hms,hhmmss | | time in HH:MM:SS
cluster,cl | | cluster name
status,st | | health status
node.total,nt,nodeTotal | > | total number of nodes
node.data,nd,nodeData | > | number of nodes that can store data
shards,t,sh,shards.total,shardsTotal | > | total number of shards
pri,p,shards.primary,shardsPrimary | > | number of primary shards
relo,r,shards.relocating,shardsRelocating | > | number of relocating nodes
init,i,shards.initializing,shardsInitializing | > | number of initializing nodes
unassign,u,shards.unassigned,shardsUnassigned | > | number of unassigned shards
unassign.pri,up,shards.unassigned.primary,shardsUnassignedPrimary | > | number of unassigned primary shards
pending_tasks,pt,pendingTasks | > | number of pending tasks
max_task_wait_time,mtwt,maxTaskWaitTime | > | wait time of longest task pending
active_shards_percent,asp,activeShardsPercent | > | active number of shards in percent
`);

function health(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(
    request,
    request.query.flag("ts", true) ? healthColumns : healthColumns.slice(2),
    () => {
      const { primaries, unassigned } = countShards(cluster.indices.values());
      const percent =
        primaries + unassigned === 0 ? 100 : (100 * primaries) / (primaries + unassigned);
      const row: CatRow = [
        cluster.profile.clusterName,
        clusterHealth(cluster),
        1,
        1,
        primaries,
        primaries,
        0,
        0,
        unassigned,
        0,
        0,
        "-",
        `${percent.toFixed(1)}%`,
      ];
      return [
        request.query.flag("ts", true) ? [...timeCells(cluster.entropy.nowMs()), ...row] : row,
      ];
    },
  );
}

const aliasColumns = catColumns(`
alias,a | | alias name
index,i,idx | | index alias points to
filter,f,fi | | filter
routing.index,ri,routingIndex | | index routing
routing.search,rs,routingSearch | | search routing
is_write_index,w,isWriteIndex | | write index
`);

function aliases(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  const reply = catReply(request, aliasColumns, () =>
    sortedIndices(cluster).flatMap((index) =>
      [...index.aliases]
        .filter(([name]) => patterns.some((pattern) => pattern.test(name)))
        .map(([name, metadata]): CatRow => [
          name,
          index.name,
          metadata.filter === undefined ? "-" : "*",
          metadata.index_routing ?? "-",
          metadata.search_routing ?? "-",
          metadata.is_write_index === undefined ? "-" : metadata.is_write_index,
        ]),
    ),
  );
  if (!request.query.has("local")) return reply;
  const message =
    "the [?local] query parameter to this API has no effect, is now deprecated, and will " +
    "be removed in a future version";
  return { ...reply, headers: warningHeader(cluster, message) };
}

const templateColumns = catColumns(`
name,n | | template name
index_patterns,t | | template index patterns
order,o,p | > | template application order/priority number
version,v | > | version
composed_of,c | | component templates comprising index template
`);

function templates(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  const fits = (name: string): boolean => patterns.some((pattern) => pattern.test(name));
  return catReply(request, templateColumns, () => [
    ...[...cluster.templates.legacy]
      .filter(([name]) => fits(name))
      .map(([name, template]): CatRow => [
        name,
        `[${template.index_patterns.join(", ")}]`,
        template.order,
        template.version ?? null,
        "",
      ]),
    ...[...cluster.templates.index]
      .filter(([name]) => fits(name))
      .map(([name, template]): CatRow => [
        name,
        `[${template.index_patterns.join(", ")}]`,
        template.priority ?? 0,
        template.version ?? null,
        `[${(template.composed_of ?? []).join(", ")}]`,
      ]),
  ]);
}

const componentColumns = catColumns(`
name,n | | component template name
version,v | | version
alias_count,a | > | number of aliases defined in template
mapping_count,m | > | number of mapping fields in template
settings_count,s | > | number of settings in template
metadata_count,me | > | number of metadata fields in template
included_in,i | | index templates which include this component
`);

function components(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  const size = (value: unknown): number =>
    typeof value === "object" && value !== null ? Object.keys(value).length : 0;
  return catReply(request, componentColumns, () =>
    [...cluster.templates.component]
      .filter(([name]) => patterns.some((pattern) => pattern.test(name)))
      .map(([name, component]): CatRow => [
        name,
        component.version ?? null,
        size(component.template.aliases),
        size(component.template.mappings),
        size(component.template.settings),
        size(component._meta),
        `[${[...cluster.templates.index]
          .filter(([, template]) => template.composed_of?.includes(name))
          .map(([user]) => user)
          .join(", ")}]`,
      ]),
  );
}

const masterColumns = catColumns(`
id | | node id
host,h | | host name
ip | | ip address
node,n | | node name
`);

function master(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, masterColumns, () => [
    [cluster.nodeId, nodeHost(cluster), nodeHost(cluster), cluster.profile.nodeName],
  ]);
}

const nodeColumns = catColumns(`
id,nodeId | - | unique node id
pid,p | -> | process id
ip,i | | ip address
port,po | -> | bound transport port
http_address,http | - | bound http address
version,v | - | es version
heap.current,hc,heapCurrent | -> | used heap
heap.percent,hp,heapPercent | > | used heap ratio
heap.max,hm,heapMax | -> | max configured heap
ram.percent,rp,ramPercent | > | used machine memory ratio
cpu | > | recent cpu usage
load_1m,l | > | 1m load avg
load_5m,l | > | 5m load avg
load_15m,l | > | 15m load avg
uptime,u | -> | node uptime
node.role,r,role,nodeRole | | m:master eligible node, d:data node, i:ingest node, -:coordinating node only
master,m | | *:current master
name,n | | node name
`);

function nodes(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, nodeColumns, () => {
    const memory = process.memoryUsage();
    const heapPercent = Math.round((100 * memory.heapUsed) / memory.heapTotal);
    return [
      [
        request.query.flag("full_id", false) ? cluster.nodeId : cluster.nodeId.slice(0, 4),
        process.pid,
        nodeHost(cluster),
        9300,
        cluster.httpAddress,
        cluster.profile.version,
        bytes(memory.heapUsed),
        heapPercent,
        bytes(memory.heapTotal),
        0,
        0,
        null,
        null,
        null,
        humanTime(uptimeMs(cluster)),
        "cdfhilmrstw",
        "*",
        cluster.profile.nodeName,
      ],
    ];
  });
}

const allocationColumns = catColumns(`
shards,s | > | number of shards on node
shards.undesired | > | number of shards that are scheduled to be moved elsewhere in the cluster
write_load.forecast,wlf,writeLoadForecast | > | sum of index write load forecasts
disk.indices.forecast,dif,diskIndicesForecast | > | sum of shard size forecasts
disk.indices,di,diskIndices | > | disk used by ES indices
disk.used,du,diskUsed | > | disk used (total, not just ES)
disk.avail,da,diskAvail | > | disk available
disk.total,dt,diskTotal | > | total capacity of all volumes
disk.percent,dp,diskPercent | > | percent disk used
host,h | | host of node
ip | | ip of node
node,n | | name of node
node.role,r,role,nodeRole | | node roles
`);

function allocation(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, allocationColumns, () => {
    const { primaries, unassigned } = countShards(cluster.indices.values());
    let size = 0;
    for (const index of cluster.indices.values()) size += index.sourceBytes;
    const nothing: CatRow = [null, null, null, null, null];
    const rows: CatRow[] = [
      [
        primaries,
        0,
        "0.0",
        bytes(size),
        bytes(size),
        null,
        null,
        null,
        null,
        nodeHost(cluster),
        nodeHost(cluster),
        cluster.profile.nodeName,
        "cdfhilmrstw",
      ],
    ];
    if (unassigned > 0)
      rows.push([unassigned, null, null, null, ...nothing, null, null, "UNASSIGNED", null]);
    return rows;
  });
}

const poolColumns = catColumns(`
node_name,nn | | node name
node_id,id | - | persistent node id
name,n | | thread pool name
type,t | - | thread pool type
active,a | > | number of active threads
size,sz | -> | number of threads
queue,q | > | number of tasks currently in queue
rejected,r | > | number of rejected tasks
completed,c | -> | number of completed tasks
`);

/**
 * Thread pools that clients ask about. Node has none of them, so nothing ever waits or is rejected.
 */
const pools = [
  "analyze",
  "fetch_shard_started",
  "flush",
  "force_merge",
  "generic",
  "get",
  "management",
  "refresh",
  "search",
  "snapshot",
  "write",
];

function threadPool(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["thread_pool_patterns"] ?? "*")
    .split(",")
    .map(simplePattern);
  return catReply(request, poolColumns, () =>
    pools
      .filter((name) => patterns.some((pattern) => pattern.test(name)))
      .map((name): CatRow => [
        cluster.profile.nodeName,
        cluster.nodeId,
        name,
        "fixed",
        0,
        1,
        0,
        0,
        0,
      ]),
  );
}

function attributeColumns(): readonly CatColumn[] {
  return catColumns(`
node | | node name
id,nodeId | - | unique node id
pid,p | -> | process id
host,h | | host name
ip,i | | ip address
port,po | -> | bound transport port
attr,attr.name | | attribute description
value,attr.value | | attribute value
`);
}

function taskColumns(): readonly CatColumn[] {
  return catColumns(`
insertOrder,o | > | task insertion order
timeInQueue,t | > | how long task has been in queue
priority,p | | task priority
source,s | | task source
`);
}

function pluginColumns(): readonly CatColumn[] {
  return catColumns(`
id | - | unique node id
name,n | | node name
component,c | | component
version,v | | component version
description,d | - | plugin details
`);
}
