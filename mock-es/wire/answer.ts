import { gzipSync } from "node:zlib";
import { EsError } from "../es-error.ts";
import type { EsReply } from "../rest/es-request.ts";
import { parseExactJson } from "../json/exact-numbers.ts";
import { compileFilterPath, type FilterPath } from "../rest/filter-path.ts";
import { addHumanFields } from "../rest/human-fields.ts";
import { prettyJson } from "../json/pretty-json.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";

/** An answer ready for the wire. */
export interface Answer {
  status: number;
  /** Flat list of names and values, without `content-length`. */
  headers: string[];
  body: string | Buffer;
}

const textType = "text/plain; charset=UTF-8";
/** The server's default `http.compression_level`. */
const gzipLevel = 3;

const filterCache = new Map<string, FilterPath>();

/** Serialises a reply: `filter_path`, `pretty`, and gzip when the client takes it. */
export function renderAnswer(
  reply: EsReply,
  query: QueryParameters,
  answerType: string,
  takesGzip: boolean,
): Answer {
  // The server names itself in all answers but those that forbid something.
  const headers = reply.status === 403 ? [] : ["X-elastic-product", "Elasticsearch"];
  if (reply.headers !== undefined) headers.push(...reply.headers);
  let body: string | Buffer;
  if (reply.text !== undefined) {
    headers.push("content-type", reply.contentType ?? textType);
    body = reply.text;
  } else {
    body = query.size === 0 ? plainJson(reply) : shapedJson(reply, query);
    if (reply.json !== undefined || reply.value !== undefined)
      headers.push("content-type", answerType);
  }
  if (takesGzip && body.length > 0) {
    headers.push("content-encoding", "gzip");
    body = gzipSync(body, { level: gzipLevel });
  }
  return { status: reply.status, headers, body };
}

function plainJson(reply: EsReply): string {
  return reply.json ?? (reply.value === undefined ? "" : JSON.stringify(reply.value));
}

function shapedJson(reply: EsReply, query: QueryParameters): string {
  const filterPath = query.text("filter_path");
  const isPretty = query.flag("pretty", false);
  const filters =
    filterPath !== undefined && filterPath !== "" && reply.isWhole !== true && !isError(reply);
  const isHuman = reply.value !== undefined && query.flag("human", false);
  if (!filters && !isPretty && !isHuman) return plainJson(reply);
  const text = plainJson(reply);
  if (text === "") return "";
  const parsed = parseExactJson(text);
  const value = isHuman ? addHumanFields(parsed) : parsed;
  const kept = filters ? filterOf(filterPath)(value) : value;
  return isPretty ? prettyJson(kept) : JSON.stringify(kept);
}

/** The server does not filter errors; what was not found is none. */
function isError(reply: EsReply): boolean {
  return reply.status >= 400 && plainJson(reply).startsWith('{"error"');
}

function filterOf(expression: string): FilterPath {
  const known = filterCache.get(expression);
  if (known !== undefined) return known;
  const compiled = compileFilterPath(expression);
  if (filterCache.size < 256) filterCache.set(expression, compiled);
  return compiled;
}

/**
 * Refuses formats that the real server speaks and the mock does not.
 *
 * @throws {EsError} 406
 */
export function checkFormat(format: string | undefined): void {
  // A format that the server does not know counts as none.
  if (format === undefined || !otherFormats.test(format)) return;
  throw new EsError(
    406,
    "media_type_header_exception",
    `mock-es answers JSON and text only, not [${format}]`,
  );
}

/** Formats that the real server speaks and the mock does not. */
const otherFormats = /^(?:application\/)?(?:vnd\.elasticsearch\+)?(?:yaml|cbor|smile)$/;
