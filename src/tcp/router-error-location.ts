/** Finds the place in a router's file that an error comes from. */
import { pathToFileURL } from "node:url";

const files = new Set<string>();

/** A router is loaded from this file. */
export function noteRouterFile(file: string): void {
  files.add(file);
}

/**
 * The place in a router's file that an uncaught error comes from, as `file:line:column`;
 * `undefined`: it comes from elsewhere. A promise that a router forgets is a bug of the router,
 * which must not end the other connections.
 */
export function routerErrorLocation(error: unknown): string | undefined {
  for (const file of files) {
    const place = placeIn(error, file);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** `file:line:column` of the first place in the file that an error's stack names. */
export function placeIn(error: unknown, file: string): string | undefined {
  const stack = stackOf(error);
  for (const name of [pathToFileURL(file).href, file]) {
    for (let at = stack.indexOf(name); at >= 0; at = stack.indexOf(name, at + 1)) {
      const place = /^(?:\?[^:\s]*)?:(\d+)(?::(\d+))?/.exec(stack.slice(at + name.length));
      if (place !== null)
        return [file, place[1], place[2]].filter((part) => part !== undefined).join(":");
    }
  }
  return undefined;
}

/** Users' code may throw anything: an object whose fields throw, or are none of an error's. */
function stackOf(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}
