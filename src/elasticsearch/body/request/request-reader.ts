import { Buffer } from "node:buffer";
import type { ApiMatch } from "../../api/api-endpoint.ts";
import { bodyFormatOf } from "../body-format.ts";
import type { BodyReader } from "../body-reader.ts";
import type { CountingValues } from "../counting-values.ts";
import type { CursorDigest } from "../cursor-digest.ts";
import type { DocumentListener } from "../document-list.ts";
import type { Examination, ExaminationReason } from "../examination.ts";
import { sourceParameter } from "../../api/query-parameter.ts";
import { BulkRequest } from "./bulk-request.ts";
import { requestShapeOf } from "./endpoint-requests.ts";
import { JsonRequest, UnreadRequest, type RequestBody } from "./json-request.ts";
import { MultiSearchRequest } from "./multi-search-request.ts";
import { searchBody, templateBody } from "./query-shapes.ts";
import type { RequestFacts } from "./request-facts.ts";
import { RequestRecord } from "./request-record.ts";
import { addTargetFacts } from "./target-facts.ts";

/** How requests are read; the same for many of them. */
export interface RequestOptions {
  readonly digest: CursorDigest;
  /** Takes every document that a request names or writes. */
  readonly documents?: DocumentListener | undefined;
  /** Takes which values of the body count, where it is one JSON value. */
  readonly counting?: CountingValues | undefined;
}

/** What is known of a request before its body. */
export interface RequestHead {
  /** `Content-Type` as received; undefined: none. */
  readonly contentType: string | undefined;
  /** When it came, for date math in names of indices; milliseconds since 1970. */
  readonly startedMs: number;
}

/** Reads the facts of a request, of its target and of its body. */
export function requestFacts(
  match: ApiMatch,
  { contentType, startedMs }: RequestHead,
  { digest, documents, counting }: RequestOptions,
): BodyReader<RequestFacts> {
  const record = new RequestRecord(digest, documents, match.indices[0], startedMs);
  return new RequestReader(match, contentType, record, counting);
}

class RequestReader implements BodyReader<RequestFacts> {
  readonly #match: ApiMatch;
  readonly #record: RequestRecord;
  readonly #body: RequestBody;

  constructor(
    match: ApiMatch,
    contentType: string | undefined,
    record: RequestRecord,
    counting: CountingValues | undefined,
  ) {
    this.#match = match;
    this.#record = record;
    this.#body = bodyOf(match, contentType, record, counting);
    addTargetFacts(match, record);
    if (singleSearches.has(match.endpoint.name)) record.searches = 1;
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#body.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): RequestFacts {
    const examination = this.#body.finish(reason);
    if (examination.state !== "empty" || reason !== undefined)
      return this.#record.facts(examination);
    return this.#record.facts(this.#source() ?? examination);
  }

  /** Reads the body in the query string. */
  #source(): Examination | undefined {
    const source = sourceParameter(this.#match.query);
    if (source === undefined) return undefined;
    const bytes = Buffer.from(source.text);
    const body = bodyOf(this.#match, source.contentType, this.#record);
    body.write(bytes, 0, bytes.length);
    return body.finish();
  }
}

const singleSearches = new Set([
  "search",
  "search_template",
  "async_search.submit",
  "fleet.search",
  "search_application.search",
  "search_mvt",
  "knn_search",
  "rollup.rollup_search",
  "esql.query",
  "esql.async_query",
  "sql.query",
  "eql.search",
]);

function bodyOf(
  { endpoint }: ApiMatch,
  contentType: string | undefined,
  record: RequestRecord,
  counting?: CountingValues,
): RequestBody {
  if (bodyFormatOf(contentType) !== "json") return new UnreadRequest("media_type");
  switch (endpoint.name) {
    case "bulk":
    case "monitoring.bulk":
      return new BulkRequest(record);
    case "msearch":
    case "fleet.msearch":
      return new MultiSearchRequest(searchBody, record);
    case "msearch_template":
      return new MultiSearchRequest(templateBody, record);
    case "unknown":
      // What plugins take is mostly a search.
      return new GuessedRequest(new JsonRequest(searchBody, record));
    default: {
      const shape = requestShapeOf(endpoint.name);
      if (shape === undefined) return new UnreadRequest(undefined);
      return new JsonRequest(shape, record, counting);
    }
  }
}

/** The body of a call that is not known: what was found in it is right, but may not be all. */
class GuessedRequest implements RequestBody {
  readonly #body: RequestBody;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#body.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): Examination {
    const examination = this.#body.finish(reason);
    if (examination.state !== "whole") return examination;
    return { ...examination, state: "partial", reason: "unknown_api" };
  }
}
