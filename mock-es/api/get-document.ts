/** Reading single documents by their ids. */
import { illegalArgument, validationFailed } from "../es-error.ts";
import { jsonText } from "../json/json-value.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { compileStoredFields, type FieldValues } from "../search/fetch/field-values.ts";
import { defaultLimits } from "../search/fields/document.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkRouting, conflict, type VersionType } from "../store/document-write.ts";
import { readTarget, writeRouting } from "../store/write-target.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { IndexState } from "../store/index-state.ts";
import { viewOf } from "../store/index-view.ts";
import type { Mappings } from "../store/mappings.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import { type FetchSource, parseFetchSource, renderSource } from "./fetch-source.ts";
import { readConditions } from "./write-parameters.ts";

/** How a document is read. */
export interface ReadOptions {
  readonly preference?: string | undefined;
  readonly routing?: string | undefined;
  /** False: the document as searches see it. */
  readonly isRealtime: boolean;
  /** Makes all writes seen before. */
  readonly refreshes: boolean;
  readonly version?: number | undefined;
  readonly versionType?: VersionType | undefined;
  readonly storedFields?: readonly string[] | undefined;
  readonly fetchSource?: FetchSource | undefined;
}

/**
 * Reads the options of a query string.
 *
 * @throws {EsError} 400
 */
export function readReadOptions(query: QueryParameters): ReadOptions {
  if (query.size === 0) return { isRealtime: true, refreshes: false };
  const { routing, version, versionType = "internal" } = readConditions(query);
  if (version !== undefined && version < (versionType === "internal" ? 1 : 0)) {
    const type = versionType.toUpperCase();
    throw validationFailed(`illegal version value [${version}] for version type [${type}]`);
  }
  return {
    preference: query.text("preference"),
    routing,
    version,
    versionType,
    isRealtime: query.flag("realtime", true),
    refreshes: query.flag("refresh", false),
    storedFields: query.list("stored_fields"),
    fetchSource: parseFetchSource(query),
  };
}

const preference = /^(_local|_only_local|_(only_nodes|prefer_nodes|shards):.*|[^_].*)?$/;

function checkPreference(value: string | undefined): void {
  if (value !== undefined && !preference.test(value))
    throw illegalArgument(`no Preference for [${value}]`);
}

/** A document that was found, with its index. */
export interface FoundDocument {
  readonly index: IndexState;
  /** `undefined` when there is none. */
  readonly document: StoredDocument | undefined;
  /** The fields that the caller sees. */
  readonly mappings: Mappings;
}

/**
 * Finds a document.
 *
 * @throws {EsError} 404 for an index that does not exist, 409 for another version, 400 for missing
 *   routing
 */
export function findDocument(
  cluster: Cluster,
  name: string,
  id: string,
  options: ReadOptions,
): FoundDocument {
  const index = readTarget(cluster, name);
  checkBlocks([index], "read");
  checkPreference(options.preference);
  const routing = writeRouting(index, name, options.routing);
  checkRouting(index, id, routing);
  if (options.refreshes) index.refresh();
  index.counts.gets++;
  if (!options.isRealtime) index.noteSearch();
  const found = options.isRealtime ? index.find(id, routing) : index.findSeen(id, routing);
  const view = found === undefined ? undefined : viewOf(cluster, index, undefined, [name]);
  const document = found !== undefined && view?.sees(found) !== false ? found : undefined;
  if (document === undefined) index.counts.getsMissing++;
  else checkVersion(index, document, options);
  return { index, document, mappings: view?.mappings ?? index.mappings };
}

function checkVersion(index: IndexState, document: StoredDocument, options: ReadOptions): void {
  const { version } = options;
  if (version === undefined || document.version === version) return;
  throw conflict(
    index,
    document.id,
    document.routing,
    `current version [${document.version}] is different than the one provided [${version}]`,
  );
}

/** JSON text of a found document as `get` and `mget` answer it. */
export function renderFound(
  index: IndexState,
  document: StoredDocument,
  options: ReadOptions,
  mappings: Mappings = index.mappings,
): string {
  const { storedFields, fetchSource } = options;
  const shows = storedFields === undefined || storedFields.includes("_source");
  const source =
    shows || fetchSource !== undefined
      ? renderSource(index, document, fetchSource ?? {}, mappings)
      : undefined;
  const fields =
    storedFields === undefined ? {} : storedValues(index, document, storedFields, mappings);
  // Without source and fields nothing of the document is loaded, its routing neither.
  const isLoaded =
    source !== undefined || storedFields !== undefined || !isSwitchedOff(fetchSource);
  const { routing } = document;
  return [
    `{"_index":${JSON.stringify(document.index)},"_id":${JSON.stringify(document.id)},"_version":${document.version},"_seq_no":${document.seqNo},"_primary_term":${document.primaryTerm},`,
    routing === undefined || !isLoaded ? "" : `"_routing":${JSON.stringify(routing)},`,
    // A stored field like others, which is not loaded unless it is asked for.
    document.ignored === undefined || storedFields?.includes("_ignored") !== true
      ? ""
      : `"_ignored":${JSON.stringify(document.ignored)},`,
    '"found":true',
    source === undefined ? "" : `,"_source":${source}`,
    Object.keys(fields).length === 0 ? "" : `,"fields":${jsonText(fields)}`,
    "}",
  ].join("");
}

function isSwitchedOff(fetchSource: FetchSource | undefined): boolean {
  return fetchSource?.enabled === false;
}

function storedValues(
  index: IndexState,
  document: StoredDocument,
  names: readonly string[],
  mappings: Mappings,
): FieldValues {
  // What an alias stands for is known to searches only.
  const plain = names.filter(
    (name) => !name.includes("*") && index.mappings.find(name)?.type !== "alias",
  );
  for (const name of plain)
    if (index.mappings.find(name)?.properties !== undefined)
      throw illegalArgument(`field [${name}] isn't a leaf field`);
  const add = compileStoredFields(plain, {
    mappings,
    index: index.name,
    nowMs: 0,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: defaultLimits,
  });
  const values: FieldValues = {};
  add?.(document, values);
  return values;
}
