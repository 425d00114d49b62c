import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { isJsonObject, type JsonObject, parseObjectBody, tokenName } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { readTarget } from "../store/document-write.ts";
import { renderGet } from "./documents.ts";
import { type FetchSource, parseFetchSource, toFetchSource } from "./fetch-source.ts";
import { toText } from "../json/coerce.ts";

/** `_mget`. */
export const multiGetRoutes: readonly Route[] = routesOf(
  "mget",
  "required",
  ["GET,POST /_mget", "GET,POST /{index}/_mget"],
  multiGet,
);

interface Wanted {
  readonly index: string;
  readonly id: string;
  readonly fetchSource: FetchSource | undefined;
}

function multiGet(request: EsRequest, cluster: Cluster): EsReply {
  const wanted = readWanted(request);
  if (wanted.length === 0) throw validationFailed("no documents to get");
  const problems = wanted.flatMap((entry, at) => [
    ...(entry.index === "" ? [`index is missing for doc ${at}`] : []),
    ...(entry.id === "" ? [`id is missing for doc ${at}`] : []),
  ]);
  if (problems.length > 0) throw validationFailed(...problems);
  return jsonTextReply(`{"docs":[${wanted.map((entry) => getOne(cluster, entry)).join(",")}]}`);
}

function getOne(cluster: Cluster, { index: name, id, fetchSource }: Wanted): string {
  try {
    const index = readTarget(cluster, name);
    index.counts.gets++;
    const document = index.find(id);
    if (document !== undefined) return renderGet(document, fetchSource);
    index.counts.getsMissing++;
    return JSON.stringify({ _index: index.name, _id: id, found: false });
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    return JSON.stringify({ _index: name, _id: id, error: error.toBody().error });
  }
}

function readWanted(request: EsRequest): Wanted[] {
  const body = parseObjectBody(request.body) ?? {};
  const index = request.pathParameters["index"];
  const fetchSource = parseFetchSource(request.query);
  const wanted: Wanted[] = [];
  for (const [name, list] of Object.entries(body)) {
    if (name !== "docs" && name !== "ids") {
      const reason = `unknown key [${name}] for a ${tokenName(list)}, expected [docs] or [ids]`;
      throw new EsError(400, "parsing_exception", reason).at(body, name);
    }
    if (!Array.isArray(list)) {
      const reason = `unknown key [${name}] for a ${tokenName(list)}, expected [docs] or [ids]`;
      throw new EsError(400, "parsing_exception", reason).at(body, name);
    }
    for (const entry of list as unknown[])
      wanted.push(
        name === "ids" ? readId(entry, index, fetchSource) : readDoc(entry, index, fetchSource),
      );
  }
  return wanted;
}

function readId(
  entry: unknown,
  index: string | undefined,
  fetchSource: FetchSource | undefined,
): Wanted {
  if (typeof entry !== "string" && typeof entry !== "number")
    throw illegalArgument("ids array element should only contain ids");
  return { index: index ?? "", id: toText(entry), fetchSource };
}

const docMembers: ReadonlySet<string> = new Set([
  "_index",
  "_id",
  "_source",
  "routing",
  "version",
  "version_type",
  "stored_fields",
]);

function readDoc(
  entry: unknown,
  index: string | undefined,
  fetchSource: FetchSource | undefined,
): Wanted {
  if (!isJsonObject(entry)) throw illegalArgument("docs array element should include an object");
  for (const name of Object.keys(entry)) {
    if (!docMembers.has(name))
      throw new EsError(
        400,
        "parse_exception",
        `failed to parse multi get request. unknown field [${name}]`,
      );
  }
  return {
    index: textOf(entry, "_index") ?? index ?? "",
    id: textOf(entry, "_id") ?? "",
    fetchSource: "_source" in entry ? toFetchSource(entry["_source"]) : fetchSource,
  };
}

function textOf(entry: JsonObject, name: string): string | undefined {
  const value = entry[name];
  return value === undefined || value === null ? undefined : toText(value);
}
