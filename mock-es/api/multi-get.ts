/** Reading several documents at once. */
import { EsError, illegalArgument, notSupported, ownPlace, validationFailed } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { sentText } from "../json/odd-numbers.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { denialsByShard, type DocumentPlace, refusedName } from "./shard-denials.ts";
import { toFetchSource } from "./fetch-source.ts";
import { findDocument, readReadOptions, type ReadOptions, renderFound } from "./get-document.ts";
import { readVersionType } from "./write-parameters.ts";

/** `_mget`. */
export const multiGetRoutes: readonly Route[] = routesOf(
  "mget",
  "required",
  ["GET,POST /_mget", "GET,POST /{index}/_mget"],
  multiGet,
  checkedWanted,
);

interface Wanted {
  readonly index: string;
  readonly id: string;
  readonly options: ReadOptions;
}

/** @throws {EsError} 400 for what cannot be read, and for documents that are not named */
function checkedWanted(request: EsRequest): Wanted[] {
  const wanted = readWanted(request);
  if (wanted.length === 0) throw validationFailed("no documents to get");
  const problems = wanted.flatMap((entry, at) => [
    ...(entry.index === "" ? [`index is missing for doc ${at}`] : []),
    ...(entry.id === "" ? [`id is missing for doc ${at}`] : []),
  ]);
  if (problems.length > 0) throw validationFailed(...problems);
  return wanted;
}

function multiGet(request: EsRequest, cluster: Cluster): EsReply {
  const wanted = checkedWanted(request);
  const denied = denialsByShard(cluster, wanted.map(placeOf));
  const docs = wanted.map((entry, at) => getOne(cluster, entry, denied[at]));
  return jsonTextReply(`{"docs":[${docs.join(",")}]}`);
}

function placeOf({ index, id, options: { routing } }: Wanted): DocumentPlace {
  return { index, id, routing };
}

function getOne(
  cluster: Cluster,
  { index: name, id, options }: Wanted,
  denial: EsError | undefined,
): string {
  try {
    if (denial !== undefined) throw denial;
    const { index, document, mappings } = findDocument(cluster, name, id, options);
    if (document !== undefined) return renderFound(index, document, options, mappings);
    return JSON.stringify({ _index: index.name, _id: id, found: false });
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const shown = refusedName(cluster, name, error);
    return JSON.stringify({ _index: shown, _id: id, error: error.toBody().error });
  }
}

function readWanted(request: EsRequest): Wanted[] {
  const body = parseObjectBody(request.body) ?? {};
  const index = request.pathParameters["index"];
  const options = readReadOptions(request.query);
  const wanted: Wanted[] = [];
  for (const [name, list] of Object.entries(body)) {
    if (name !== "docs" && name !== "ids") {
      const reason = `unknown key [${name}] for a ${tokenOf(list)}, expected [docs] or [ids]`;
      throw new EsError(400, "parsing_exception", reason).at(body, name);
    }
    if (!Array.isArray(list)) {
      const reason = `unexpected token [${tokenOf(list)}], expected [FIELD_NAME] or [START_ARRAY]`;
      throw new EsError(400, "parsing_exception", reason).at(body, name);
    }
    for (const [at, entry] of (list as readonly unknown[]).entries())
      wanted.push(
        name === "ids" ? readId(list, at, index, options) : readDoc(entry, index, options),
      );
  }
  return wanted;
}

function readId(
  list: readonly unknown[],
  at: number,
  index: string | undefined,
  options: ReadOptions,
): Wanted {
  if (!/^(?:string|number|bigint)$/.test(typeof list[at]))
    throw illegalArgument("ids array element should only contain ids");
  return { index: index ?? "", id: sentText(list, at), options };
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

function readDoc(given: unknown, index: string | undefined, options: ReadOptions): Wanted {
  if (!isObject(given)) throw noDocument();
  const entry = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, readMember(given, name, value)]),
  );
  const version = textOf(entry, "version");
  const stored = entry["stored_fields"];
  return {
    index: textOf(entry, "_index") ?? index ?? "",
    id: textOf(entry, "_id") ?? "",
    options: {
      ...options,
      routing: textOf(entry, "routing") ?? options.routing,
      version: version === undefined ? options.version : toVersion(version),
      versionType: readVersionType(textOf(entry, "version_type")) ?? options.versionType,
      storedFields: (stored ?? undefined) === undefined ? options.storedFields : toTexts(stored),
      fetchSource: "_source" in entry ? toFetchSource(entry["_source"]) : options.fetchSource,
    },
  };
}

/**
 * A member by itself. The server reads the values of a list one by one, and what stands in an
 * object as if it stood around it; the document then ends where the object does.
 */
function readMember(entry: JsonObject, name: string, value: unknown): unknown {
  checkName(name);
  if (name === "_source") {
    checkSource(entry);
    return value;
  }
  if (isObject(value)) {
    Object.keys(value).forEach(checkName);
    throw noDocument();
  }
  if (name === "stored_fields" && Array.isArray(value)) {
    checkNames(value);
    return value;
  }
  if (!Array.isArray(value)) return value === null ? value : sentText(entry, name);
  const single = value.flat(Infinity) as readonly unknown[];
  if (single.some(isObject)) throw noDocument();
  return single.at(-1);
}

function checkName(name: string): void {
  if (docMembers.has(name)) return;
  const reason = `failed to parse multi get request. unknown field [${name}]`;
  throw new EsError(400, "parse_exception", reason);
}

function noDocument(): EsError {
  return illegalArgument("docs array element should include an object");
}

function toVersion(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw illegalArgument(`For input string: "${text}"`);
  if (Number.isSafeInteger(Number(text))) return Number(text);
  throw notSupported(`such a [version] as [${text}]`);
}

const sourceMembers: readonly string[] = ["includes", "include", "excludes", "exclude"];

/** @throws {EsError} 400 for a `_source` of another shape */
function checkSource(entry: JsonObject): void {
  const { _source: source } = entry;
  if (typeof source === "number") {
    const reason = `illegal type for _source: [${tokenOf(source)}]`;
    throw new EsError(400, "parse_exception", reason);
  }
  if (Array.isArray(source)) checkNames(source);
  if (!isObject(source)) return;
  for (const [name, value] of Object.entries(source)) {
    if (!sourceMembers.includes(name))
      throw illegalArgument(`Expected text at ${ownPlace} but found FIELD_NAME`).standingAt(
        source,
        name,
        "key",
      );
    if (Array.isArray(value)) checkNames(value);
    else if (value === null || typeof value === "object")
      throw new EsError(400, "parse_exception", "unexpected token while parsing source settings");
  }
}

/** @throws {EsError} 400 for what is no text */
function checkNames(list: readonly unknown[]): void {
  const at = list.findIndex((name) => name === null || typeof name === "object");
  if (at < 0) return;
  const reason = `Expected text at ${ownPlace} but found ${tokenOf(list[at])}`;
  throw illegalArgument(reason).standingAt(list, String(at));
}

function textOf(entry: JsonObject, name: string): string | undefined {
  const value = entry[name];
  return value === undefined || value === null ? undefined : sentText(entry, name);
}
