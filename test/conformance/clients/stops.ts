/** What ends a test that did not fail. */

/** Thrown when the file says that a test is not for this server. */
export class NotAsked extends Error {}

/** Thrown when the server says by name that it does not have what a call needs. */
export class Refused extends Error {
  constructor(api: string, reason: string) {
    super(`${api}: ${reason}`);
    this.name = "Refused";
  }
}

/** How the mock words the refusal of a part of Elasticsearch that it does not have. */
const named = /is not supported by (?:mock-es|this mock)|are not supported by mock-es/;

/**
 * Throws when an answer says that there is no such endpoint, or names something that is not
 * supported.
 *
 * @param supported API names whose every route has to be there; a missing one is then a failure
 * @throws {Refused}
 */
export function throwIfRefused(
  api: string,
  status: number,
  body: unknown,
  supported: ReadonlySet<string> | undefined,
): void {
  if (status !== 400 && status !== 405) return;
  const text = JSON.stringify(body) ?? "";
  const isMissing =
    status === 405 || text.includes("no handler found") || /must not start with '_'/.test(text);
  if (isMissing && supported?.has(api) !== true) throw new Refused(api, text.slice(0, 200));
  if (status === 400 && named.test(text)) throw new Refused(api, text.slice(0, 300));
}
