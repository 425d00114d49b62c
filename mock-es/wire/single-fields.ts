/** Fields of a request that the server takes one value of. */
import type { IncomingMessage } from "node:http";
import { illegalArgument } from "../es-error.ts";

function namesOf(shown: readonly string[]): ReadonlyMap<string, string> {
  return new Map(shown.map((name) => [name.toLowerCase(), name]));
}

const usual = ["X-Opaque-Id", "X-elastic-product-origin", "traceparent", "tracestate"];

/** Names of such fields in lower case, each with the name that errors have. */
export const singleFields = namesOf(usual);

/** The same of a server that knows its users. */
export const securedSingleFields = namesOf([
  ...usual,
  "Authorization",
  "ES-Client-Authentication",
  "es-secondary-authorization",
  "es-secondary-x-client-authentication",
  "es-security-runas-user",
]);

const mediaFields = namesOf(["Content-Type", "Accept"]);

/**
 * Checks fields that have one value; the same value once more counts as one.
 *
 * @returns the field of a media type that stands there twice, which is refused later
 * @throws {EsError} 400 for several values
 */
export function checkSingleFields(
  request: IncomingMessage,
  names: ReadonlyMap<string, string>,
): string | undefined {
  const { rawHeaders } = request;
  let repeated: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? "";
    const shown = names.get(name);
    const media = shown ?? mediaFields.get(name);
    if (media === undefined) continue;
    const again = nextAfter(rawHeaders, at, name);
    if (again === undefined) continue;
    if (shown === undefined) repeated ??= media;
    else {
      const value = rawHeaders[at + 1] ?? "";
      request.headers[name] = value;
      if (again !== value)
        throw illegalArgument(`multiple values for single-valued header [${shown}].`);
    }
  }
  return repeated;
}

/** The value of the next field of the same name. */
function nextAfter(rawHeaders: readonly string[], at: number, name: string): string | undefined {
  for (let next = at + 2; next < rawHeaders.length; next += 2)
    if (rawHeaders[next]?.toLowerCase() === name) return rawHeaders[next + 1];
  return undefined;
}
