/** Snapshot repositories. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { Repository } from "../store/snapshots.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { parseByteSize } from "../values/byte-size.ts";
import { toJavaText } from "../values/java-text.ts";

/** `_snapshot` without a snapshot. */
export const repositoryRoutes: readonly Route[] = [
  ...routesOf("snapshot.create_repository", "required", ["PUT,POST /_snapshot/{repository}"], put),
  ...routesOf(
    "snapshot.get_repository",
    "none",
    ["GET /_snapshot", "GET /_snapshot/{repository}"],
    get,
  ),
  ...routesOf("snapshot.delete_repository", "none", ["DELETE /_snapshot/{repository}"], remove),
  ...routesOf(
    "snapshot.verify_repository",
    "none",
    ["POST /_snapshot/{repository}/_verify"],
    verify,
  ),
  ...routesOf(
    "snapshot.cleanup_repository",
    "none",
    ["POST /_snapshot/{repository}/_cleanup"],
    cleanUp,
  ),
];

/** Types that Elasticsearch has and this mock does not. */
const otherTypes = ["url", "source", "s3", "gcs", "azure", "hdfs"];

function put(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["repository"] ?? "";
  request.query.flag("verify", true);
  const body = parseObjectBody(request.body) ?? {};
  if (body["type"] === undefined) throw validationFailed("type is missing");
  cluster.beginAction();
  const type = textOf(body["type"]);
  if (/[ "*,/<>?\\|]/.test(name))
    throw new EsError(
      500,
      "repository_exception",
      String.raw`[${name}] must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`,
    );
  if (otherTypes.includes(type)) throw notSupported(`a repository of the type [${type}]`);
  if (type !== "fs")
    throw problem(name, `repository type [${type}] does not exist for project [default]`);
  const given = body["settings"] ?? {};
  if (!isObject(given))
    throw illegalArgument("Malformed settings section, should include an inner object");
  const settings = flat(given);
  checkRepositorySettings(name, settings);
  const location = settings["location"];
  const { snapshots, identifiers } = cluster;
  if (location === undefined) {
    const cause = problem(name, "missing location").toCause();
    const extra = { root_cause: [cause], caused_by: cause };
    throw problem(name, "failed to create repository", extra);
  }
  const contents = snapshots.at(location, () => identifiers.uuid());
  snapshots.repositories.set(name, { name, settings, contents });
  return jsonReply({ acknowledged: true });
}

function flat(settings: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => {
      if (value === null || typeof value === "object")
        throw notSupported(`such a value of [${key}] of a repository`);
      return [key, toJavaText(value)];
    }),
  );
}

/** What the settings of a repository have to be. */
const settingKinds: Readonly<Record<string, (text: string) => boolean>> = {
  chunk_size: isByteSize,
  compress: (text) => /^(?:true|false)$/.test(text),
  max_number_of_snapshots: (text) => /^[1-9]\d{0,8}$/.test(text),
  max_restore_bytes_per_sec: isByteSize,
  max_snapshot_bytes_per_sec: isByteSize,
  readonly: (text) => /^(?:true|false)$/.test(text),
};

function isByteSize(text: string): boolean {
  try {
    return parseByteSize(text, "size") >= -1;
  } catch {
    return false;
  }
}

/** @throws {EsError} 500 for a setting that its repository does not take */
function checkRepositorySettings(name: string, settings: Repository["settings"]): void {
  for (const [key, value] of Object.entries(settings)) {
    const isFit = settingKinds[key] ?? (() => true);
    if (isFit(value)) continue;
    throw problem(name, "failed to create repository", {
      caused_by: { type: "illegal_argument_exception", reason: `such a value of [${key}]` },
    });
  }
}

/** 500 `repository_exception`. */
function problem(name: string, reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(500, "repository_exception", `[${name}] ${reason}`, extra);
}

/** 404 for a repository that is not there. */
export function repositoryMissing(name: string): EsError {
  return new EsError(404, "repository_missing_exception", `[${name}] missing`);
}

/** The repository that a path names. @throws {EsError} 404 */
export function repositoryOf(request: EsRequest, cluster: Cluster): Repository {
  const name = request.pathParameters["repository"] ?? "";
  const found = cluster.snapshots.repositories.get(name);
  if (found === undefined) throw repositoryMissing(name);
  return found;
}

/** The repositories that a list with patterns names. @throws {EsError} 404 for one by its name */
export function repositoriesOf(cluster: Cluster, list: string): Repository[] {
  const { repositories } = cluster.snapshots;
  const found = new Set<Repository>();
  for (const name of list.split(",")) {
    if (name === "_all" || name.includes("*")) {
      const pattern = simplePattern(name === "_all" ? "*" : name);
      for (const repository of repositories.values())
        if (pattern.test(repository.name)) found.add(repository);
      continue;
    }
    const repository = repositories.get(name);
    if (repository === undefined) throw repositoryMissing(name);
    found.add(repository);
  }
  return [...found];
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  request.query.flag("local", false);
  const found = repositoriesOf(cluster, request.pathParameters["repository"] ?? "_all");
  const shown = found.map(({ name, contents, settings }): [string, unknown] => [
    name,
    { type: "fs", ...(contents.isUsed ? { uuid: contents.uuid } : {}), settings },
  ]);
  return jsonReply(Object.fromEntries(shown));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const list = request.pathParameters["repository"] ?? "";
  const { repositories } = cluster.snapshots;
  const pattern = simplePattern(list === "_all" ? "*" : list);
  const found = [...repositories.keys()].filter((name) => pattern.test(name));
  const isAll = list === "*" || list === "_all";
  if (found.length === 0 && !isAll) throw repositoryMissing(list);
  for (const name of found) repositories.delete(name);
  return jsonReply({ acknowledged: true });
}

function verify(request: EsRequest, cluster: Cluster): EsReply {
  repositoryOf(request, cluster);
  const [node] = cluster.nodes;
  return jsonReply({ nodes: { [node.id]: { name: node.name } } });
}

function cleanUp(request: EsRequest, cluster: Cluster): EsReply {
  repositoryOf(request, cluster);
  return jsonReply({ results: { deleted_bytes: 0, deleted_blobs: 0 } });
}
