/** What query parameters say about writes, and the answers of writes. */
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { jsonReply, type EsReply } from "../rest/es-request.ts";
import { checkActiveShardCount } from "../rest/active-shard-count.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import type { VersionType, WriteConditions, WriteOutcome } from "../store/document-write.ts";
import type { IndexState } from "../store/index-state.ts";
import { parseDuration } from "../values/duration.ts";

/** Conditions of a write as query parameters give them. */
export function readConditions(query: QueryParameters): WriteConditions {
  if (query.size === 0) return {};
  checkTimeouts(query);
  const seqNo = readLong(query, "if_seq_no");
  if (seqNo !== undefined && seqNo < 0)
    throw illegalArgument(`sequence numbers must be non negative. got [${seqNo}].`);
  const primaryTerm = readLong(query, "if_primary_term");
  if (primaryTerm !== undefined && primaryTerm < 0)
    throw illegalArgument(`primary term must be non negative. got [${primaryTerm}]`);
  const version = readLong(query, "version");
  const routing = query.text("routing");
  return {
    routing: routing === "" ? undefined : routing,
    // The number that stands for any version.
    version: version === -3 ? undefined : version,
    versionType: readVersionType(query.text("version_type")),
    ifSeqNo: seqNo,
    ifPrimaryTerm: primaryTerm,
  };
}

/**
 * Checks the time limits of a request, which nothing here takes long enough to reach.
 *
 * @throws {EsError} 400 for what is no duration
 */
export function checkTimeouts(query: QueryParameters): void {
  for (const name of ["timeout", "master_timeout"]) {
    const text = query.text(name);
    if (text !== undefined) parseDuration(text, name);
  }
}

/**
 * Checks that as many copies of a shard are there as a write waits for: there is the primary only.
 *
 * @throws {EsError} 503 when there are too few, at once instead of after the time limit
 */
export function checkActiveShards(
  query: QueryParameters,
  index: IndexState,
  shard: number,
  write: () => string,
): void {
  const text = query.text("wait_for_active_shards");
  const wanted = readActiveShards(
    text ?? index.settings.text("index.write.wait_for_active_shards"),
    index,
  );
  if (wanted === undefined || wanted <= 1) return;
  const place = `[${index.name}][${shard}]`;
  const shown = text === "all" ? "ALL" : String(wanted);
  throw new EsError(
    503,
    "unavailable_shards_exception",
    `${place} Not enough active copies to meet shard count of [${shown}] (have 1, needed ${wanted}). Timeout: [${query.text("timeout") ?? "1m"}], request: [BulkShardRequest [${place}] containing [${write()}]]`,
  );
}

/**
 * Refuses copies that are waited for in vain by writes whose errors are not imitated.
 *
 * @param isNew an index is made, too, of which one copy is active
 * @throws {EsError} 400
 */
export function refuseActiveShards(
  query: QueryParameters,
  indices: readonly IndexState[],
  isNew = false,
): void {
  const text = query.text("wait_for_active_shards");
  const wanted = indices.map((index) => readActiveShards(text, index) ?? 1);
  if (isNew && text !== undefined) wanted.push(text === "all" ? 2 : Number(text));
  if (wanted.some((copies) => copies > 1))
    throw notSupported("[wait_for_active_shards] of more copies than there are, by query");
}

/** The number of copies that `wait_for_active_shards` means; `undefined` for the default. */
export function readActiveShards(text: string | undefined, index: IndexState): number | undefined {
  if (text === undefined) return undefined;
  checkActiveShardCount(text);
  return text === "all" ? 1 + index.settings.replicas : Number(text);
}

/** True for a whole number of 64 bits. */
function isLong(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function readLong(query: QueryParameters, name: string): number | undefined {
  const text = query.text(name);
  if (text === undefined) return undefined;
  if (/^[+-]?\d{1,19}$/.test(text) && isLong(BigInt(text.replace("+", "")))) {
    if (!Number.isSafeInteger(Number(text))) throw notSupported(`a [${name}] beyond 2^53`);
    return Number(text);
  }
  throw illegalArgument(`Failed to parse long parameter [${name}] with value [${text}]`, {
    caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
  });
}

/**
 * Reads the name of a version type.
 *
 * @throws {EsError} 400 for an unknown one
 */
export function readVersionType(text: string | undefined): VersionType | undefined {
  if (text === undefined || text === "internal" || text === "external" || text === "external_gte")
    return text;
  throw illegalArgument(`No version type match [${text}]`);
}

/** Statuses of outcomes: 201 for a new document, 404 for a deletion without one. */
export function statusOf(result: WriteOutcome["result"]): number {
  return result === "created" ? 201 : result === "not_found" ? 404 : 200;
}

/** True when `refresh` asks for one at once, as the answer then says. */
export function forcesRefresh(query: QueryParameters): boolean {
  const refresh = query.text("refresh");
  if (refresh === undefined || refresh === "false" || refresh === "wait_for") return false;
  if (refresh === "" || refresh === "true") return true;
  throw illegalArgument(`Unknown value for refresh: [${refresh}].`);
}

/**
 * Makes a write seen when `refresh` says so. Who waits for the next refresh has it at once: nothing
 * can be answered before it.
 */
export function afterWrite(
  query: QueryParameters,
  { index, id }: WriteOutcome,
  routing: string | undefined,
): void {
  const refresh = query.text("refresh");
  if (refresh !== undefined && refresh !== "false") index.refresh(index.shardNumber(id, routing));
}

/** The answer of a write of one document. */
export function writeReply(
  outcome: WriteOutcome,
  routing: string | undefined,
  forced: boolean,
): EsReply {
  const { index, id, version, seqNo, result } = outcome;
  const isNoop = result === "noop";
  const query = routing === undefined ? "" : `?routing=${formEncoded(routing)}`;
  const value: estypes.WriteResponseBase = {
    _index: index.name,
    _id: id,
    _version: version,
    result,
    ...(!isNoop && forced ? { forced_refresh: true } : {}),
    _shards: {
      total: isNoop ? 0 : 1 + index.settings.replicas,
      successful: isNoop ? 0 : 1,
      failed: 0,
    },
    _seq_no: seqNo,
    _primary_term: 1,
  };
  const location =
    result === "created"
      ? ["Location", `/${formEncoded(index.name)}/_doc/${formEncoded(id)}${query}`]
      : undefined;
  return jsonReply(value, statusOf(result), location);
}

/** The server encodes paths in `Location` as form values: a space becomes a plus sign. */
function formEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()~]/g, (found) => {
      return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
    });
}
