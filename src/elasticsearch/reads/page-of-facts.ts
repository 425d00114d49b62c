/** Pages of reads from the facts of an exchange. */
import type { RequestFacts } from "../body/request/request-facts.ts";
import type { ResponseFacts } from "../body/response/response-facts.ts";
import type { DistinctSketch } from "./distinct-sketch.ts";
import { type ReadPage, readRole } from "./read-page.ts";

/** What is known of an exchange beside the facts of its bodies. */
export interface ReadExchange {
  readonly id: string;
  /** Name of the API endpoint. */
  readonly apiEndpoint: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** "" for nobody known. */
  readonly user: string;
  /** Hash of the query's fingerprint. */
  readonly fingerprint: string | undefined;
  /** Bytes of the answer's body as sent. */
  readonly responseBytes: number;
  /** The documents in the answer, as a listener has seen them; undefined: none has. */
  readonly ids: DistinctSketch | undefined;
  readonly keepAliveMs: number | undefined;
}

/**
 * Makes a page of an exchange.
 *
 * @returns undefined for calls that are no part of a read
 */
export function readPage(
  exchange: ReadExchange,
  request: RequestFacts,
  response: ResponseFacts,
): ReadPage | undefined {
  const role = readRole(exchange.apiEndpoint);
  if (role === undefined) return undefined;
  const read = request.names.filter(({ kind, use }) => kind === "index" && use === "read");
  return {
    id: exchange.id,
    role,
    startedMs: exchange.startedMs,
    endedMs: exchange.endedMs,
    status: exchange.status,
    user: exchange.user,
    indices: read.map(({ name }) => name),
    fingerprint: exchange.fingerprint,
    continues: request.hasSearchAfter || (request.from ?? 0) > 0,
    requestCursors: request.cursors,
    responseCursors: response.cursors,
    // Rows of ES|QL and SQL are documents where they tell an id, else the nearest thing to them.
    documents: Math.max(response.documents.count, response.rows?.count ?? 0),
    bytes: exchange.responseBytes,
    ids: exchange.ids,
    keepAliveMs: exchange.keepAliveMs,
  };
}
