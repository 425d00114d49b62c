import type { Buffer } from "node:buffer";
import type { ApiMatch } from "../../api/api-endpoint.ts";
import { bodyFormatOf } from "../body-format.ts";
import type { BodyReader } from "../body-reader.ts";
import type { ExaminationReason } from "../examination.ts";
import { queryParameter } from "../../api/query-parameter.ts";
import { documentOfPath } from "../request/target-facts.ts";
import type { RequestFacts } from "../request/request-facts.ts";
import { DelimitedAnswer } from "./delimited-answer.ts";
import { answerShapeOf } from "./endpoint-answers.ts";
import { JsonAnswer, type ResponseOptions } from "./json-answer.ts";
import type { ResponseFacts } from "./response-facts.ts";

/** What is known of a response before its body. */
export interface ResponseHead {
  readonly status: number;
  /** `Content-Type` as received; undefined: none. */
  readonly contentType: string | undefined;
  /** Facts of the request, if it was read: they say how rows and columns are to be understood. */
  readonly request?: Pick<RequestFacts, "isColumnar" | "queries"> | undefined;
}

/**
 * Reads the facts of a response.
 *
 * @param match of the request
 */
export function responseFacts(
  match: ApiMatch,
  head: ResponseHead,
  options: ResponseOptions,
): BodyReader<ResponseFacts> {
  const shape = answerShapeOf(match.endpoint.name, head.status);
  const query = head.request?.queries[0];
  const isKnown = query?.language === "esql" && query.isWhole;
  const form = {
    hasTypedKeys: /^(?:true)?$/.test(queryParameter(match.query, "typed_keys") ?? "false"),
    asked: documentOfPath(match),
    isColumnar: head.request?.isColumnar === true,
    idColumns: isKnown ? query.idColumns : usualIdColumns,
    indexColumns: isKnown ? query.indexColumns : usualIndexColumns,
  };
  const answer = new JsonAnswer(shape, head.status, form, options);
  const isUnknown = match.endpoint.name === "unknown";
  const format = bodyFormatOf(head.contentType);
  if (format === "opaque" || (format !== "json" && !rowEndpoints.has(match.endpoint.name)))
    return new UnreadAnswer(answer);
  if (format !== "json")
    return new DelimitedAnswer(answer.table, answer, rowFormat(format, head, match));
  return isUnknown ? new GuessedAnswer(answer) : answer;
}

const usualIdColumns = ["_id"];
const usualIndexColumns = ["_index"];

const rowEndpoints = new Set([
  "esql.query",
  "esql.async_query",
  "esql.async_query_get",
  "esql.async_query_stop",
  "sql.query",
  "sql.get_async",
]);

/** `text/csv; charset=utf-8; header=present`; the delimiter stands in the request. */
function rowFormat(
  format: "csv" | "tsv",
  { contentType = "" }: ResponseHead,
  { query }: ApiMatch,
): { delimiter: number; hasQuotes: boolean; hasHeader: boolean } {
  const hasHeader = !/;\s*header\s*=\s*absent/i.test(contentType);
  if (format === "tsv") return { delimiter: 0x09, hasQuotes: false, hasHeader };
  const delimiter = (queryParameter(query, "delimiter") || ",").charCodeAt(0);
  return { delimiter, hasQuotes: true, hasHeader };
}

/** Counts the bytes of an answer that is in no format that is read. */
class UnreadAnswer implements BodyReader<ResponseFacts> {
  readonly #empty: JsonAnswer;
  #bytes = 0;

  constructor(empty: JsonAnswer) {
    this.#empty = empty;
  }

  write(_piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
  }

  finish(): ResponseFacts {
    const bytes = this.#bytes;
    const facts = this.#empty.finish();
    if (bytes === 0) return facts;
    return { ...facts, body: { state: "none", reason: "media_type", bytes } };
  }
}

/** An answer to a call that is not known: what was found in it is right, but may not be all. */
class GuessedAnswer implements BodyReader<ResponseFacts> {
  readonly #answer: JsonAnswer;

  constructor(answer: JsonAnswer) {
    this.#answer = answer;
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#answer.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): ResponseFacts {
    const facts = this.#answer.finish(reason);
    if (facts.body.state !== "whole") return facts;
    return { ...facts, body: { ...facts.body, state: "partial", reason: "unknown_api" } };
  }
}
