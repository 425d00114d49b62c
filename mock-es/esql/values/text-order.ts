/** The order of texts. */

/** The order of the UTF-8 bytes, which is that of code points. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) {
      const isPair = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
      if (isPair(x) !== isPair(y)) return isPair(x) ? 1 : -1;
      return x - y;
    }
  }
  return a.length - b.length;
}
