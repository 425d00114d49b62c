/** `_clone`, `_shrink` and `_split`: an index with the documents of another, on other shards. */
import {
  EsError,
  illegalArgument,
  notSupported,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, textOf, tokenOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { routingShards } from "../store/routing.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkBlocks } from "../store/block-checks.ts";
import { writeIndexOf } from "../store/data-streams.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import { flattenSettings } from "../store/index-settings.ts";
import type { IndexState } from "../store/index-state.ts";
import { refuseExposure } from "../store/index-view.ts";
import { copyDenied } from "../security/denial.ts";
import { checkTimeouts, readActiveShards } from "./write-parameters.ts";
import { atEndOf, inMember } from "../json/object-parser.ts";
import { checkAliasDefinitions } from "./alias-definitions.ts";
import { toJavaText } from "../values/java-text.ts";

type Kind = "clone" | "shrink" | "split";

/** The three ways to make an index of another. */
export const resizeRoutes: readonly Route[] = (["clone", "shrink", "split"] as const).flatMap(
  (kind) =>
    routesOf(
      `indices.${kind}`,
      "optional",
      [`PUT,POST /{index}/_${kind}/{target}`],
      (request, cluster) => resize(kind, request, cluster),
    ),
);

/** Settings that the new index has of its own. */
const notCopied =
  /^index\.(?:uuid|creation_date|version\.|provided_name|number_of_(?:shards|replicas|routing_shards)|auto_expand_replicas|verified_before_close|routing\.allocation\.initial_recovery\.)/;

function resize(kind: Kind, request: EsRequest, cluster: Cluster): EsReply {
  const { query, pathParameters } = request;
  checkTimeouts(query);
  const body = parseObjectBody(request.body) ?? {};
  for (const name of Object.keys(body)) {
    const isKnown =
      name === "settings" ||
      name === "aliases" ||
      (name === "max_primary_shard_size" && kind === "shrink");
    if (!isKnown)
      throw new EsError(
        400,
        "x_content_parse_exception",
        `[resize_request] unknown field [${name}]`,
      ).at(body, name, "key");
  }
  for (const [name, value] of Object.entries(body))
    if (name !== "max_primary_shard_size" && !isObject(value)) {
      const reason = `[resize_request] ${name} doesn't support values of type: ${tokenOf(value)}`;
      throw xContentParseException(reason).at(body, name);
    }
  const { aliases } = body;
  if (isObject(aliases))
    inMember("resize_request", "aliases", body, () => {
      atEndOf(aliases, () => {
        checkAliasDefinitions(aliases);
      });
    });
  const settings = flattenSettings(body["settings"] ?? {});
  if ([...settings.keys()].some((key) => key.startsWith("index.sort.")))
    throw validationFailed("can't override index sort when resizing an index");
  const wanted = settings.get("index.number_of_shards");
  if (wanted === null) throw notSupported("null as [index.number_of_shards] of a resize");
  if (Array.isArray(wanted))
    throw illegalArgument(
      `Failed to parse value [${toJavaText(wanted)}] for setting [index.number_of_shards]`,
    );
  // The name is looked for before the part that may be left out is put in front of it.
  if (
    kind === "split" &&
    !flattenSettings(body["settings"] ?? {}, "").has("index.number_of_shards")
  )
    throw validationFailed("index.number_of_shards is required for split operations");
  const from = resolveDateMath(cluster, pathParameters["index"] ?? "");
  const name = resolveDateMath(cluster, pathParameters["target"] ?? "");
  checkCopy(cluster, from, name);
  const source = sourceOf(cluster, from);
  cluster.checkFree(name);
  checkBlocks([source], "metadata_read");
  if (source.dataStream !== undefined && writeIndexOf(source.dataStream) === source)
    throw illegalArgument(
      `cannot resize the write index [${source.name}] for data stream [${source.dataStream.name}]`,
    );
  const target = wanted === undefined ? undefined : Number(wanted);
  const hasRouting = settings.has("index.number_of_routing_shards");
  const shards = targetShards(kind, source, target, body, hasRouting);
  checkReadOnly(source);
  const copied = [...source.settings.entries()].filter(([key]) => !notCopied.test(key));
  // The fields that are sorted by come with the mapping.
  const sort = copied.filter(([key]) => key.startsWith("index.sort."));
  const rest = copied.filter((entry) => !sort.includes(entry));
  const all = { ...Object.fromEntries(rest), ...Object.fromEntries(settings) };
  const index = cluster.createIndex(
    name,
    {
      settings: {
        "index.routing_partition_size": "1",
        ...all,
        "index.number_of_shards": String(shards),
        ...(source.settings.shards === 1
          ? {}
          : { "index.number_of_routing_shards": String(routingShards(source.settings)) }),
      },
      ...(isObject(aliases) ? { aliases } : {}),
    },
    false,
  );
  for (const [key, value] of sort) index.settings.set(key, value);
  index.mappings.adopt(source.mappings);
  index.adopt(source);
  const active = readActiveShards(query.text("wait_for_active_shards"), index) ?? 1;
  return jsonReply({ acknowledged: true, shards_acknowledged: active <= 1, index: name });
}

/** @throws {EsError} 400 to who sees a part of the source, 403 to who may do more with the copy */
function checkCopy(cluster: Cluster, source: string, target: string): void {
  const { access } = cluster;
  if (access === undefined) return;
  refuseExposure(cluster, cluster.indices.get(source), "indices:admin/resize", ofPart);
  if (!access.caller.permission.allowsNoMoreOn(target, source)) throw copyDenied();
}

const ofPart =
  "Resize requests are not allowed for users when field or document level security is enabled on the source index";

function sourceOf(cluster: Cluster, name: string): IndexState {
  const source = cluster.indices.get(name);
  if (source !== undefined) return source;
  throw new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    index_uuid: "_na_",
    index: name,
  });
}

function checkReadOnly({ name, settings }: IndexState): void {
  const isReadOnly = ["write", "read_only"].some(
    (block) => settings.text(`index.blocks.${block}`) === "true",
  );
  if (isReadOnly) return;
  throw new EsError(
    500,
    "illegal_state_exception",
    `index ${name} must be read-only to resize index. use "index.blocks.write=true"`,
  );
}

/** How many shards the new index has. @throws {EsError} for a number that it cannot have */
function targetShards(
  kind: Kind,
  source: IndexState,
  wanted: number | undefined,
  body: Readonly<Record<string, unknown>>,
  hasRouting: boolean,
): number {
  const { settings } = source;
  const { shards } = settings;
  if (hasRouting && (kind !== "split" || shards > 1))
    throw illegalArgument("cannot provide index.number_of_routing_shards on resize");
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0))
    throw illegalArgument(
      `Failed to parse value [${textOf(wanted)}] for setting [index.number_of_shards]`,
    );
  if (kind === "clone") {
    if (wanted === undefined || wanted === shards) return shards;
    throw illegalArgument(
      `the number of target shards (${wanted}) must be the same as the number of  source shards ( ${shards})`,
    );
  }
  if (kind === "shrink") {
    // Looked at only when the index could be shrunk otherwise.
    if (shards === 1) checkReadOnly(source);
    if (shards === 1) throw illegalArgument("can't shrink an index with only one shard");
    if (wanted !== undefined && body["max_primary_shard_size"] !== undefined)
      throw illegalArgument(
        "Cannot set both index.number_of_shards and max_primary_shard_size for the target index",
      );
    const target = wanted ?? 1;
    if (target > shards)
      throw illegalArgument(
        `the number of target shards [${target}] must be less that the number of source shards [${shards}]`,
      );
    if (shards % target === 0) return target;
    throw illegalArgument(
      `the number of source shards [${shards}] must be a multiple of [${target}]`,
    );
  }
  const target = wanted ?? shards;
  if (target % shards !== 0)
    throw illegalArgument(
      `the number of source shards [${shards}] must be a factor of [${target}]`,
    );
  const routing = routingShards(settings);
  if (shards > 1 && routing % target !== 0)
    throw new EsError(
      500,
      "illegal_state_exception",
      `the number of routing shards [${routing}] must be a multiple of the target shards [${target}]`,
    );
  return target;
}
