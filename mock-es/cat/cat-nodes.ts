import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { nodeHost } from "../api/node-selection.ts";
import { uptimeMs } from "../api/cluster-admin.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { countShards } from "../store/cluster-health.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { metricsOf, readMetricChoice } from "../api/index-metrics.ts";
import { threadPools } from "../api/thread-pools.ts";
import { parseQueryString } from "../rest/query-parameters.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import { bytes, millis } from "./cat-cell.ts";
import { metricCells, metricColumns } from "./cat-metrics.ts";
import { catColumns, catReply, type CatColumn, type CatRow } from "./cat-table.ts";

/** Cat endpoints about the one node, its shards and its thread pools. */
export const catNodeRoutes: readonly Route[] = [
  ...routesOf("cat.master", "none", ["GET /_cat/master"], master),
  ...routesOf("cat.nodes", "none", ["GET /_cat/nodes"], nodes),
  ...routesOf(
    "cat.nodeattrs",
    "none",
    ["GET /_cat/nodeattrs"],
    fixed(attributeColumns(), attributeRows),
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

function fixed(columns: readonly CatColumn[], rows: (cluster: Cluster) => readonly CatRow[]) {
  return (request: EsRequest, cluster: Cluster): EsReply =>
    catReply(request, columns, () => rows(cluster));
}

const masterColumns = catColumns(`
id | | node id
host,h | | host name
ip | | ip address${" "}
node,n | | node name
`);

function master(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, masterColumns, () => [
    [
      cluster.nodeId,
      nodeHost(cluster.nodes[0]),
      nodeHost(cluster.nodes[0]),
      cluster.profile.nodeName,
    ],
  ]);
}

const ownNodeColumns = catColumns(`
id,id,nodeId | - | unique node id
pid,p | - | process id
ip,i |  | ip address
port,po | - | bound transport port
http_address,http | - | bound http address
version,v | - | es version
type,t | - | es distribution type
build,b | - | es build hash
jdk,j | - | jdk version
disk.total,dt,diskTotal | -> | total disk space
disk.used,du,diskUsed | -> | used disk space
disk.avail,d,da,disk,diskAvail | -> | available disk space
disk.used_percent,dup,diskUsedPercent | -> | used disk space percentage
heap.current,hc,heapCurrent | -> | used heap
heap.percent,hp,heapPercent | > | used heap ratio
heap.max,hm,heapMax | -> | max configured heap
ram.current,rc,ramCurrent | -> | used machine memory
ram.percent,rp,ramPercent | > | used machine memory ratio
ram.max,rm,ramMax | -> | total machine memory
file_desc.current,fdc,fileDescriptorCurrent | -> | used file descriptors
file_desc.percent,fdp,fileDescriptorPercent | -> | used file descriptor ratio
file_desc.max,fdm,fileDescriptorMax | -> | max file descriptors
cpu,cpu | > | recent cpu usage
load_1m,l | > | 1m load avg
load_5m,l | > | 5m load avg
load_15m,l | > | 15m load avg
available_processors,ap | -> | available processors
uptime,u | -> | node uptime
node.role,r,role,nodeRole |  | m:master eligible node, d:data node, i:ingest node, -:coordinating node only
master,m |  | *:current master
name,n |  | node name
`);
const nodeMetrics = metricColumns("nodes");
const nodeColumns = [...ownNodeColumns, ...nodeMetrics];
const allMetrics = readMetricChoice("", "_all", parseQueryString(""), true);

function nodes(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, nodeColumns, () => {
    const isFull = request.query.flag("full_id", false);
    return cluster.nodes.map((node) => [
      ...nodeCells(cluster, node, isFull),
      ...metricCells(
        nodeMetrics,
        metricsOf(node.holdsData ? [...cluster.indices.values()] : [], allMetrics),
      ),
    ]);
  });
}

function nodeCells(cluster: Cluster, node: ClusterNode, isFull: boolean): CatRow {
  const { heapUsed, heapTotal } = process.memoryUsage();
  const memory = totalmem();
  const used = memory - freemem();
  const loads = loadavg().map((load) => load.toFixed(2));
  return [
    isFull ? node.id : node.id.slice(0, 4),
    process.pid,
    nodeHost(node),
    9300,
    node.httpAddress,
    cluster.profile.version,
    "tar",
    cluster.profile.buildHash,
    process.versions.node,
    // Nothing is on disk.
    bytes(0),
    bytes(0),
    bytes(0),
    "0.00",
    bytes(heapUsed),
    Math.round((100 * heapUsed) / heapTotal),
    bytes(heapTotal),
    bytes(used),
    Math.round((100 * used) / memory),
    bytes(memory),
    -1,
    0,
    -1,
    0,
    ...loads,
    availableParallelism(),
    millis(uptimeMs(cluster)),
    node.holdsData ? "cdfhilmrstw" : "-",
    node.holdsData ? "*" : "-",
    node.name,
  ];
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
        nodeHost(cluster.nodes[0]),
        nodeHost(cluster.nodes[0]),
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
ephemeral_node_id,eid | - | ephemeral node id
pid,p | - | process id
host,h | - | host name
ip,i | - | ip address
port,po | - | bound transport port
name,n | | thread pool name
type,t | - | thread pool type
active,a | > | number of active threads
pool_size,psz | -> | number of threads
queue,q | > | number of tasks currently in queue
queue_size,qs | -> | maximum number of tasks permitted in queue
rejected,r | > | number of rejected tasks
largest,l | -> | highest number of seen active threads
completed,c | -> | number of completed tasks
core,cr | -> | core number of threads in a scaling thread pool
max,mx | -> | maximum number of threads in a scaling thread pool
size,sz | -> | number of threads in a fixed thread pool
keep_alive,ka | -> | thread keep alive time
`);

function threadPool(request: EsRequest, cluster: Cluster): EsReply {
  const given = request.pathParameters["thread_pool_patterns"] ?? "*";
  const patterns = given.split(",").map(simplePattern);
  const shown = threadPools.filter(({ name }) => patterns.some((pattern) => pattern.test(name)));
  return catReply(request, poolColumns, () =>
    cluster.nodes.flatMap((node) =>
      shown.map(({ name, type, size, core, max, keepAlive, queueSize }): CatRow => [
        node.name,
        node.id,
        node.id,
        process.pid,
        nodeHost(node),
        nodeHost(node),
        9300,
        name,
        type,
        0,
        0,
        0,
        queueSize,
        0,
        0,
        0,
        core,
        max,
        size,
        keepAlive,
      ]),
    ),
  );
}

function attributeRows(cluster: Cluster): readonly CatRow[] {
  return cluster.nodes.flatMap((node) =>
    Object.entries(node.attributes).map(([name, value]): CatRow => [
      node.name,
      node.id,
      process.pid,
      nodeHost(node),
      nodeHost(node),
      9300,
      name,
      value,
    ]),
  );
}

function attributeColumns(): readonly CatColumn[] {
  return catColumns(`
node,name | | node name
id,id,nodeId | - | unique node id
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
