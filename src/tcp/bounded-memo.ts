/**
 * Remembers the results of a pure function of one string, for callers that see few different
 * strings over and over.
 *
 * @param most entries; when they are reached all are forgotten, so that strings which a client
 *   chooses cannot pile up
 */
export function boundedMemo<T>(compute: (key: string) => T, most = 1024): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as T; // The key is there, so its value is a T.
    if (known.size >= most) known.clear();
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
