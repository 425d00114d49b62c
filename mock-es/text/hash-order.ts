/** The order in which a Java HashMap lists texts, or sets of them. */

/** The hash code of a text in Java. */
export function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/**
 * Texts as a HashMap with them as keys lists them; those of one bucket as they are given.
 *
 * @param initialCapacity buckets that the map begins with, a power of two
 */
export function inHashOrder(texts: readonly string[], initialCapacity = 16): string[] {
  return inBuckets(texts, hashOf, initialCapacity);
}

/** As {@link inHashOrder} for what has sets of texts as its keys. */
export function inHashOrderOfSets<T>(
  values: readonly T[],
  textsOf: (value: T) => readonly string[],
): T[] {
  return inBuckets(values, (value) =>
    textsOf(value).reduce((sum, text) => (sum + hashOf(text)) | 0, 0),
  );
}

function inBuckets<T>(values: readonly T[], hash: (value: T) => number, initialCapacity = 16): T[] {
  let capacity = initialCapacity;
  while (values.length > capacity * 0.75) capacity *= 2;
  const mask = capacity - 1;
  return values
    .map((value) => {
      const code = hash(value);
      return { value, bucket: (code ^ (code >>> 16)) & mask };
    })
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ value }) => value);
}
