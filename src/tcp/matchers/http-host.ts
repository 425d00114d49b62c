import { comparableHost } from "../../core/host-name.ts";
import { latin1, type Match } from "./match.ts";

/**
 * The host of an HTTP/1.x request: lower case, without port, brackets and the dot of an absolute
 * name.
 *
 * Taken from `Host`, or from the target where that is in absolute form (RFC 9112 §3.2.2). `null`
 * for what is not HTTP/1.x, and for a head without exactly one host: routing by a guess would be a
 * way around the other side's checks.
 */
export function httpHost(data: Uint8Array): Match<string> {
  const lineEnd = requestLineEnd(data);
  if (typeof lineEnd !== "number") return lineEnd;
  const [, target = ""] = latin1(data, 0, lineEnd).split(" ");
  const absolute = /^https?:\/\/([^/?#]+)/i.exec(target);
  let host: string | undefined;
  for (let at = lineEnd + 2; ;) {
    const end = data.indexOf(lf, at);
    if (end < 0) return isFieldStart(data, at) ? undefined : null;
    if (data[end - 1] !== cr) return null;
    if (end === at + 1) return bareHost(absolute?.[1] ?? host);
    const line = latin1(data, at, end - 1);
    const colon = line.indexOf(":");
    if (!token.test(line.slice(0, Math.max(0, colon)))) return null;
    if (colon === 4 && line.slice(0, 4).toLowerCase() === "host") {
      if (host !== undefined) return null;
      host = line.slice(5).trim();
    }
    at = end + 1;
  }
}

/** Offset of the CR that ends the request line. */
function requestLineEnd(data: Uint8Array): Match<number> {
  const end = data.indexOf(lf);
  const line = latin1(data, 0, end < 0 ? data.length : end);
  if (end < 0) return partialRequestLine.test(line) ? undefined : null;
  return requestLine.test(line) ? end - 1 : null;
}

/** Whether an unfinished line can still become a field line, or the empty line. */
function isFieldStart(data: Uint8Array, from: number): boolean {
  return partialField.test(latin1(data, from, data.length));
}

function bareHost(value: string | undefined): string | null {
  const [, bracketed, name] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d*)?$/i.exec(value ?? "") ?? [];
  const host = comparableHost(bracketed ?? name ?? "");
  return host === "" ? null : host;
}

const cr = 13;
const lf = 10;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const requestLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+ HTTP\/1\.[01]\r$/;
const partialRequestLine =
  /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]{0,32}|[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32} [\x21-\x7e]*(?: (?:H(?:T(?:T(?:P(?:\/(?:1(?:\.(?:[01]\r?)?)?)?)?)?)?)?)?)?)$/;
const partialField = /^(?:\r?|[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?::[^\r\n\0]*\r?)?)$/;
