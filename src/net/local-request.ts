import type { IncomingMessage } from "node:http";

/**
 * Not from a web page of another origin (browsers send `Origin` then, and with every POST), and not
 * through a name that somebody else's DNS gave this address.
 *
 * @param ownOrigin the scheme of pages that are served here, which may ask; `undefined`: there are
 *   none
 */
export function isLocalRequest({ headers }: IncomingMessage, ownOrigin?: string): boolean {
  const host = headers.host ?? "";
  if (headers.origin !== undefined && headers.origin !== `${ownOrigin}://${host}`) return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(host.replace(/:\d+$/, ""));
}
