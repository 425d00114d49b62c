import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { VersionType, WriteConditions, WriteOutcome } from "../store/document-write.ts";

/** Conditions of a write as query parameters give them. */
export function readConditions(request: EsRequest): WriteConditions {
  const { query } = request;
  if (query.size === 0) return {};
  return {
    routing: query.text("routing"),
    version: readLong(query.text("version")),
    versionType: readVersionType(query.text("version_type")),
    ifSeqNo: readLong(query.text("if_seq_no")),
    ifPrimaryTerm: readLong(query.text("if_primary_term")),
  };
}

function readLong(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d{1,19}$/.test(text)) return Number(text);
  throw illegalArgument(`Failed to parse long parameter with value [${text}]`, {
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
export function forcesRefresh(request: EsRequest): boolean {
  const refresh = request.query.text("refresh");
  if (refresh === undefined || refresh === "false" || refresh === "wait_for") return false;
  if (refresh === "" || refresh === "true") return true;
  throw illegalArgument(`Unknown value for refresh: [${refresh}].`);
}

/** The answer of a write of one document. */
export function writeReply(request: EsRequest, outcome: WriteOutcome): EsReply {
  const { index, id, version, seqNo, result } = outcome;
  const isNoop = result === "noop";
  const value: estypes.WriteResponseBase = {
    _index: index.name,
    _id: id,
    _version: version,
    result,
    ...(!isNoop && forcesRefresh(request) ? { forced_refresh: true } : {}),
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
      ? ["Location", `/${formEncoded(index.name)}/_doc/${formEncoded(id)}${routingOf(request)}`]
      : undefined;
  return jsonReply(value, statusOf(result), location);
}

function routingOf(request: EsRequest): string {
  const routing = request.query.text("routing");
  return routing === undefined ? "" : `?routing=${formEncoded(routing)}`;
}

/** The server encodes paths in `Location` as form values: a space becomes a plus sign. */
function formEncoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()~]/g, (found) => {
      return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
    });
}
