/** Digits that make each body of the load unique. */
export const stampLength = 12;

const marker = '"pad":"';

/**
 * Where a body, or a message with a body, holds its stamp; -1 when it has none.
 *
 * Without it every body would be the same, and a store that keeps equal bodies once would have
 * nothing to write.
 */
export function stampOffset(text: string): number {
  const at = text.indexOf(marker);
  return at === -1 ? -1 : at + marker.length;
}

/** The text of the stamp with this number. */
export function stampText(serial: number): string {
  return String(serial).padStart(stampLength, "0");
}
