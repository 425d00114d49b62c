/** Counts in sentences. */

/** `1 body`, `2 bodies`. @param plural of the noun; default: with an `s` */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
