/** The order in which a Java HashMap lists texts. */

function spread(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash ^ (hash >>> 16);
}

/**
 * Texts as a HashMap with them as keys lists them; those of one bucket as they are given.
 *
 * @param initialCapacity buckets that the map begins with, a power of two
 */
export function inHashOrder(texts: readonly string[], initialCapacity = 16): string[] {
  let capacity = initialCapacity;
  while (texts.length > capacity * 0.75) capacity *= 2;
  const mask = capacity - 1;
  return texts
    .map((text) => ({ text, bucket: spread(text) & mask }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ text }) => text);
}
