/** Writes the answers of this proxy itself, in Elasticsearch's error shape. */
import { Buffer } from "node:buffer";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { ExchangeAudit } from "./exchange-audit.ts";
import type { RequestInfo } from "./request-info.ts";
import { httpErrors } from "../core/http-errors.ts";

const allowedMethods = "allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n";
const reasonPhrases: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  508: "Loop Detected",
};

/**
 * A response of our own, in Elasticsearch's error shape:
 * `{"error":{"root_cause":[…],"type","reason","exchange_id"},"status"}`. No byte of the request
 * stands in it, because it could hold a secret.
 *
 * @param exchangeId joins the answer with its audit records; empty when there are none.
 * @param isHead without the body, but with its length (RFC 9110 §9.3.2).
 * @param connection says whether it closes; HTTP/1.1 goes on without a word (RFC 9112 §9.3, §9.6).
 */
function errorResponse(
  code: HttpErrorCode,
  exchangeId: string,
  isHead: boolean,
  connection: "close" | "keep-alive" | "",
  retryAfterSeconds: number,
  upstreamStatus: number,
): Buffer {
  const { status, type, reason } = httpErrors[code];
  const cause = { type: `es_proxy_${type}`, reason };
  const error = {
    root_cause: [cause],
    ...cause,
    code,
    ...(upstreamStatus === 0 ? {} : { upstream_status: upstreamStatus }),
    ...(exchangeId === "" ? {} : { exchange_id: exchangeId }),
  };
  // The answer to an OPTIONS that went no further is no error and has no body.
  const body = status === 200 ? "" : JSON.stringify({ error, status });
  let head =
    `HTTP/1.1 ${status} ${reasonPhrases[status] ?? "Error"}\r\n` +
    (body === "" ? "" : "content-type: application/json\r\n") +
    `content-length: ${body.length}\r\n`;
  if (status === 405 || status === 200) head += allowedMethods;
  if (status === 503 || status === 429) head += `retry-after: ${retryAfterSeconds}\r\n`;
  if (exchangeId !== "") head += `x-es-proxy-exchange-id: ${exchangeId}\r\n`;
  if (connection !== "") head += `connection: ${connection}\r\n`;
  return Buffer.from(`${head}\r\n${isHead ? "" : body}`, "latin1");
}

/** What an answer of our own is made from. */
interface AnsweredExchange {
  readonly traits: RequestInfo;
  readonly audit: ExchangeAudit | undefined;
  readonly retryAfterSeconds: number;
  /** That its endpoint answered with, where this is all that is known of its answer; 0: none. */
  readonly upstreamStatus: number;
}

/** Makes the answer of our own to an exchange, and records it. */
export function ownAnswer(
  { traits, audit, retryAfterSeconds, upstreamStatus }: AnsweredExchange,
  code: HttpErrorCode,
  closes: boolean,
): Buffer {
  const id = audit?.record.id ?? "";
  const connection = closes ? "close" : traits.isHttp10 ? "keep-alive" : "";
  const answer = errorResponse(
    code,
    id,
    traits.isHead,
    connection,
    retryAfterSeconds,
    upstreamStatus,
  );
  audit?.answered(code, answer, answer.indexOf("\r\n\r\n") + 4);
  return answer;
}
