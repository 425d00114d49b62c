/** Version ranges as `skip` names them. */

/**
 * True when a version lies in one of the ranges of a text such as ` - 7.4.99, 7.8.0 - 7.9.0`; an
 * open end is left empty, and `all` is every version.
 *
 * @param version absent: no range but `all` holds it
 */
export function isInRange(version: string | undefined, ranges: string): boolean {
  return ranges.split(",").some((range) => {
    if (range.trim() === "all") return true;
    if (version === undefined) return false;
    const [from = "", to = ""] = range.split("-").map((end) => end.trim());
    const isAfter = from === "" || compareVersions(version, from) >= 0;
    return isAfter && (to === "" || compareVersions(version, to) <= 0);
  });
}

function compareVersions(a: string, b: string): number {
  const right = b.split(".").map(Number);
  for (const [at, part] of a.split(".").map(Number).entries()) {
    if (part !== (right[at] ?? 0)) return part - (right[at] ?? 0);
  }
  return 0;
}
