/** Who may ask: persons of this machine or with the token, and no other web page. */
import type { IncomingMessage } from "node:http";

import type { BearerToken } from "../net/bearer-token.ts";
import { isLocalRequest } from "../net/local-request.ts";

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly error: string;
}

/** What is known about the place that was asked. */
export interface AccessRules {
  /** Of the listener. */
  readonly scheme: "http" | "https";
  /** `undefined`: only requests of this machine are answered. */
  readonly token: BearerToken | undefined;
  /** A file of the page, which tells nothing: it may be loaded without the token. */
  readonly isPage: boolean;
}

/**
 * `undefined`: answer. Without a token `Host` must be a name of this machine, so that no name which
 * somebody else's DNS gave this address leads here. `Origin` and `Sec-Fetch-Site` (Fetch Metadata
 * §2.3) must be those of the page itself in any case; a link on another page may lead here.
 */
export function refusalOf(
  request: IncomingMessage,
  { scheme, token, isPage }: AccessRules,
): Refusal | undefined {
  const { headers } = request;
  if (token === undefined && !isLocalRequest(request, scheme))
    return { status: 403, error: "only local requests are answered without a token" };
  const isOwnOrigin =
    headers.origin === undefined || headers.origin === `${scheme}://${headers.host ?? ""}`;
  const site = headers["sec-fetch-site"] ?? "none";
  const isLink = isPage && headers["sec-fetch-mode"] === "navigate";
  if (!isOwnOrigin || (site !== "none" && site !== "same-origin" && !isLink))
    return { status: 403, error: "other web pages are not answered" };
  if (!isPage && token?.accepts(headers.authorization) === false)
    return { status: 401, error: "a bearer token is required" };
  return undefined;
}
