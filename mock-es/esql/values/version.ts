/** The order of versions: by the rules of Semantic Versioning, what is no version last. */

interface Version {
  readonly numbers: readonly bigint[];
  readonly before: string | undefined;
}

const pattern = /^(\d+(?:\.\d+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

function parse(text: string): Version | undefined {
  const found = pattern.exec(text);
  if (found === null) return undefined;
  return { numbers: (found[1] ?? "").split(".").map(BigInt), before: found[2] };
}

/** Compares two versions. */
export function compareVersions(a: string, b: string): number {
  const x = parse(a);
  const y = parse(b);
  if (x === undefined || y === undefined) {
    if (x !== undefined) return -1;
    if (y !== undefined) return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  }
  const length = Math.max(x.numbers.length, y.numbers.length);
  for (let at = 0; at < length; at++) {
    const left = x.numbers[at];
    const right = y.numbers[at];
    // Of equal versions the shorter one is the first.
    if (left === undefined || right === undefined) {
      if ((left ?? right ?? 0n) === 0n) continue;
      return left === undefined ? -1 : 1;
    }
    if (left !== right) return left < right ? -1 : 1;
  }
  return comparePreReleases(x.before, y.before) || (a < b ? -1 : a > b ? 1 : 0);
}

function comparePreReleases(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  const left = a.split(".");
  const right = b.split(".");
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const x = left[at];
    const y = right[at];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const areNumbers = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (areNumbers && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (/^\d+$/.test(x) !== /^\d+$/.test(y)) return /^\d+$/.test(x) ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}
