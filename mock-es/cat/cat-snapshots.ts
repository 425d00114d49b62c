/** Cat endpoints about repositories and snapshots. */
import { findSnapshots, shardsOf } from "../api/snapshot-answers.ts";
import { repositoriesOf } from "../api/repositories.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { millis } from "./cat-cell.ts";
import { catColumns, catReply, type CatRow } from "./cat-table.ts";

/** `_cat/repositories` and `_cat/snapshots`. */
export const catSnapshotRoutes: readonly Route[] = [
  ...routesOf("cat.repositories", "none", ["GET /_cat/repositories"], repositories),
  ...routesOf(
    "cat.snapshots",
    "none",
    ["GET /_cat/snapshots", "GET /_cat/snapshots/{repository}"],
    snapshots,
  ),
];

const repositoryColumns = catColumns(`
id,id,repoId | | unique repository id
type,t,type | > | repository type
`);

function repositories(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(request, repositoryColumns, () =>
    repositoriesOf(cluster, "_all").map(({ name }): CatRow => [name, "fs"]),
  );
}

const snapshotColumns = catColumns(`
id,id,snapshot | | unique snapshot
repository,re,repo | | repository name
status,s,status | > | snapshot name
start_epoch,ste,startEpoch | > | start time in seconds since 1970-01-01 00:00:00
start_time,sti,startTime | > | start time in HH:MM:SS
end_epoch,ete,endEpoch | > | end time in seconds since 1970-01-01 00:00:00
end_time,eti,endTime | > | end time in HH:MM:SS
duration,dur,duration | > | duration
indices,i,indices | > | number of indices
successful_shards,ss,successful_shards | > | number of successful shards
failed_shards,fs,failed_shards | > | number of failed shards
total_shards,ts,total_shards | > | number of total shards
reason,r,reason | - | reason for failures
`);

function snapshots(request: EsRequest, cluster: Cluster): EsReply {
  const list = request.pathParameters["repository"] ?? "_all";
  request.query.flag("ignore_unavailable", false);
  return catReply(request, snapshotColumns, () =>
    repositoriesOf(cluster, list).flatMap((repository) =>
      findSnapshots(repository, "_all", false).map((snapshot): CatRow => {
        const seconds = Math.floor(snapshot.startedMs / 1000);
        const time = new Date(snapshot.startedMs).toISOString().slice(11, 19);
        const shards = shardsOf(snapshot);
        return [
          snapshot.name,
          repository.name,
          "SUCCESS",
          seconds,
          time,
          seconds,
          time,
          millis(0),
          snapshot.indices.size,
          shards,
          0,
          shards,
          null,
        ];
      }),
    ),
  );
}
