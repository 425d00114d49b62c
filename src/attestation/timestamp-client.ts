/** Asks a timestamp authority for tokens (RFC 3161 §3.4, over HTTP). */
import type { X509Certificate } from "node:crypto";
import { randomBytes } from "node:crypto";

import { errorCode } from "../core/system-error.ts";
import type { HttpAnswer, HttpClient } from "./http-client.ts";
import { TimestampError } from "./timestamp-error.ts";
import { formatTimestampRequest, readTimestampResponse } from "./timestamp-message.ts";
import { verifyTimestamp } from "./timestamp-token.ts";
import type { Timestamp } from "./timestamp-token.ts";

/** An authority, as the configuration names it. */
export interface TimestampAuthority {
  readonly url: string;
  /** Certificates that its chain may end at. */
  readonly trusted: readonly X509Certificate[];
}

/** What came of a request. */
export type TimestampResult =
  | {
      readonly kind: "stamped";
      /** DER of the token, to be kept: it is checked again with `verifyTimestamp`. */
      readonly token: Uint8Array;
      readonly timestamp: Timestamp;
    }
  /** The answer proves nothing, or there is none for this request. */
  | { readonly kind: "refused"; readonly reason: string }
  /** No usable answer; the same request may succeed later. */
  | { readonly kind: "unavailable"; readonly reason: string };

const requestType = "application/timestamp-query";
const responseType = "application/timestamp-reply";
/** 64 bits, which no two requests of one log share. */
const nonceBytes = 8;

/** Asks for one token. Never rejects: what goes wrong is a result. */
export async function requestTimestamp(
  authority: TimestampAuthority,
  imprint: Uint8Array,
  http: HttpClient,
): Promise<TimestampResult> {
  const nonce = randomBytes(nonceBytes);
  let answer: HttpAnswer;
  try {
    answer = await http.post(authority.url, requestType, formatTimestampRequest(imprint, nonce));
  } catch (error) {
    const code = errorCode(error, "no answer");
    return { kind: "unavailable", reason: code };
  }
  const { status, contentType, body } = answer;
  if (status >= 500 || status === 429) return { kind: "unavailable", reason: String(status) };
  if (status !== 200 || contentType.split(";", 1)[0]?.trim() !== responseType)
    return { kind: "refused", reason: `${status} without a timestamp reply` };
  try {
    const token = readTimestampResponse(body);
    const timestamp = verifyTimestamp(token, imprint, authority.trusted, nonce);
    return { kind: "stamped", token, timestamp };
  } catch (error) {
    if (!(error instanceof TimestampError)) throw error;
    return { kind: "refused", reason: error.message };
  }
}
