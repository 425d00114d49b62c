/** What a recorded request asks for, as far as sending it again needs to know. */
import { randomBytes } from "node:crypto";

import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import { CursorDigest } from "../../elasticsearch/body/cursor-digest.ts";
import { requestFacts } from "../../elasticsearch/body/request/request-reader.ts";
import { requestFingerprint } from "../../elasticsearch/fingerprint/request-fingerprint.ts";
import { readRecordedBody } from "../read/recorded-body.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** No Elasticsearch takes longer bodies (`http.max_content_length`). Bytes, decoded. */
const mostBodyBytes = 134_217_728;
/** Digests are not compared here. */
const digest = new CursorDigest(randomBytes(32));
/** What the redaction puts in the place of a secret. */
const redactedValue = /redacted-[0-9a-f]{32}|=redacted(?:&|$)/;

/** Why a request is not sent again. */
export type RefusalReason =
  | "may change something"
  | "continues a read"
  | "body not recorded whole"
  | "redacted";

/**
 * Why a request is not to be sent; `undefined`: it may be.
 *
 * @param withWrites whatever it changes
 */
export async function refusalOf(
  directory: string,
  request: RecordedRequest,
  withWrites: boolean,
): Promise<RefusalReason | undefined> {
  const match = matchApiEndpoint(request.method, request.target);
  if (match.endpoint.name === "scroll") return "continues a read";
  if (!withWrites && !leavesNothing(match)) return "may change something";
  const { state, redaction, isComplete } = request.body;
  if (redaction !== undefined || redactedValue.test(request.target)) return "redacted";
  const isKept = state === "none" || state === "inline" || state === "stored";
  if (!isKept || !isComplete) return "body not recorded whole";
  const head = { contentType: request.body.mediaType, startedMs: Date.now() };
  const facts = await readBody(directory, request, requestFacts(match, head, { digest }));
  // Ids of scrolls and the like are given by a server, and are known to no other one.
  return facts.cursors.length > 0 ? "continues a read" : undefined;
}

/** The shape of what was asked: the call, and the query without its values. */
export async function shapeOf(directory: string, request: RecordedRequest): Promise<string> {
  const match = matchApiEndpoint(request.method, request.target);
  const reader = requestFingerprint(match);
  const fingerprint = reader === undefined ? undefined : await readBody(directory, request, reader);
  const { name } = match.endpoint;
  return fingerprint === undefined ? name : `${name} ${fingerprint.text}`;
}

/**
 * It reads, may be sent any number of times, and opens no context. SQL leaves a cursor for 45
 * seconds where there are more rows; a request that goes on with it is refused for that.
 */
function leavesNothing({ endpoint }: ApiMatch): boolean {
  const isRead = endpoint.class === "read" || endpoint.class === "meta";
  return isRead && (endpoint.retry === "read" || endpoint.name === "sql.query");
}

async function readBody<Facts>(
  directory: string,
  { body }: RecordedRequest,
  reader: BodyReader<Facts>,
): Promise<Facts> {
  const { bytes, isCut, isDecoded } = await readRecordedBody(directory, body, mostBodyBytes);
  if (!isDecoded) return reader.finish("coding");
  reader.write(bytes, 0, bytes.length);
  return reader.finish(isCut ? "size" : undefined);
}
