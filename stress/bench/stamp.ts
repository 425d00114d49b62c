/** Digits that make each body of the load unique. */
export const stampLength = 12;

/** What stands before the stamp in JSON, and in the bodies of ferrum's benchmark. */
const marker = /"pad":"|\brequest=(?=\w{12})/u;

/**
 * Where a body, or a message with a body, holds its stamp; -1 when it has none.
 *
 * Without it every body would be the same, and a store that keeps equal bodies once would have
 * nothing to write.
 */
export function stampOffset(text: string): number {
  const found = marker.exec(text);
  return found === null ? -1 : found.index + found[0].length;
}

const idMarker = "x-opaque-id: each-";

/** Where a request with an id of its own holds it, as long as a stamp; -1 when it has none. */
export function idOffset(request: string): number {
  const at = request.indexOf(idMarker);
  return at === -1 ? -1 : at + idMarker.length;
}

/** The text of the stamp with this number. */
export function stampText(serial: number): string {
  return String(serial).padStart(stampLength, "0");
}
