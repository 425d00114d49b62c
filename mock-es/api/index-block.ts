/** Putting a block on indices, and taking it away. */
import { illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkBlocks, checkClusterBlocks } from "../store/block-checks.ts";
import { requireNames, resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { checkTimeouts } from "./write-parameters.ts";

/** `_block` of an index. */
export const indexBlockRoutes: readonly Route[] = [
  ...routesOf("indices.add_block", "none", ["PUT /{index}/_block/{block}"], add),
  ...routesOf("indices.remove_block", "none", ["DELETE /{index}/_block/{block}"], remove),
];

const names: ReadonlySet<string> = new Set(["metadata", "read", "read_only", "write"]);

function blockOf(request: EsRequest): string {
  const block = request.pathParameters["block"] ?? "";
  if (names.has(block)) return block;
  if (block === "read_only_allow_delete")
    throw validationFailed("read_only_allow_delete block is for internal use only");
  throw illegalArgument(`No block found with name ${block}`);
}

function indicesOf(request: EsRequest, cluster: Cluster, block: string): IndexState[] {
  requireNames(request.pathParameters["index"], "index is missing");
  checkTimeouts(request.query);
  checkClusterBlocks(cluster, "metadata_write");
  const options = readIndexOptions(request.query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  // Blocks that are about metadata themselves are not held up by others.
  if (block === "read" || block === "write") checkBlocks(indices, "metadata_write");
  return indices;
}

function add(request: EsRequest, cluster: Cluster): EsReply {
  const block = blockOf(request);
  const indices = indicesOf(request, cluster, block);
  for (const { settings } of indices) settings.set(`index.blocks.${block}`, "true");
  cluster.stateVersion++;
  return jsonReply({
    acknowledged: true,
    shards_acknowledged: indices.length > 0,
    indices: indices.map(({ name }) => ({ name, blocked: true })),
  });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const block = blockOf(request);
  const indices = indicesOf(request, cluster, block);
  for (const { settings } of indices) settings.unset(`index.blocks.${block}`);
  cluster.stateVersion++;
  return jsonReply({
    acknowledged: true,
    indices: indices.map(({ name }) => ({ name, unblocked: true })),
  });
}
