import { gzipSync } from "node:zlib";
import { EsError } from "../es-error.ts";
import type { EsReply } from "../rest/es-request.ts";
import { parseExactJson } from "../json/exact-numbers.ts";
import { compileFilterPath, type FilterPath } from "../rest/filter-path.ts";
import { addHumanFields } from "../rest/human-fields.ts";
import { prettyJson } from "../json/pretty-json.ts";
import { yamlText } from "../json/yaml-text.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { jsonText } from "../json/json-value.ts";

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
    const isJson = reply.json !== undefined || reply.value !== undefined;
    const type = query.has("format") ? typeOfFormat(query, answerType) : answerType;
    if (isJson && type.includes("yaml")) body = yamlText(shapedValue(reply, query));
    else body = query.size === 0 ? plainJson(reply) : shapedJson(reply, query);
    if (isJson) headers.push("content-type", type);
  }
  if (takesGzip && body.length > 0) {
    headers.push("content-encoding", "gzip");
    body = gzipSync(body, { level: gzipLevel });
  }
  return { status: reply.status, headers, body };
}

function plainJson(reply: EsReply): string {
  return reply.json ?? (reply.value === undefined ? "" : jsonText(reply.value));
}

/** `format` wins over what the client accepts. */
function typeOfFormat(query: QueryParameters, answerType: string): string {
  const format = query.text("format")?.toLowerCase() ?? "";
  if (yamlFormat.test(format)) return "application/yaml";
  return jsonFormat.test(format) && answerType.includes("yaml") ? "application/json" : answerType;
}

const yamlFormat = /^(?:application\/)?yaml$/;
const jsonFormat = /^(?:application\/)?json$/;

function shapedJson(reply: EsReply, query: QueryParameters): string {
  const isPretty = query.flag("pretty", false);
  if (!isPretty && !isFiltered(reply, query) && !isHuman(reply, query)) return plainJson(reply);
  if (plainJson(reply) === "") return "";
  const value = shapedValue(reply, query);
  return isPretty ? prettyJson(value) : JSON.stringify(value);
}

function isFiltered(reply: EsReply, query: QueryParameters): boolean {
  const filterPath = query.text("filter_path") ?? "";
  return filterPath !== "" && !(reply.isWhole ?? isError(reply));
}

function isHuman(reply: EsReply, query: QueryParameters): boolean {
  return reply.value !== undefined && query.flag("human", false);
}

/** What is left of an answer, with numbers as they are written. */
function shapedValue(reply: EsReply, query: QueryParameters): unknown {
  const parsed = parseExactJson(plainJson(reply));
  const value = isHuman(reply, query) ? addHumanFields(parsed) : parsed;
  return isFiltered(reply, query) ? filterOf(query.text("filter_path") ?? "")(value) : value;
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
    `mock-es answers JSON, YAML and text only, not [${format}]`,
  );
}

/** Formats that the real server speaks and the mock does not. */
const otherFormats =
  /^(?:(?:application\/)?(?:vnd\.elasticsearch\+)?(?:cbor|smile)|application\/vnd\.elasticsearch\+yaml)$/i;
