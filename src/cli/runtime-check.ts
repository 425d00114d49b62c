/**
 * The oldest safe release of each line of Node.js that is supported: those below lack fixes for
 * request smuggling (CVE-2026-58044) and for the reuse of TLS connections across identities
 * (CVE-2026-58040). A line that is not here and older than the newest one here never got them.
 */
const safeReleases = [
  { major: 24, minor: 18, patch: 1 },
  { major: 26, minor: 5, patch: 1 },
] as const;

/** What of the process decides whether it may start. */
export interface Runtime {
  /** `process.versions.node`. */
  readonly version: string;
  /** `process.execArgv`. */
  readonly execArgv: readonly string[];
  /** `NODE_OPTIONS`. */
  readonly nodeOptions: string | undefined;
}

/**
 * Why the proxy must not start on this runtime, in one line; `undefined` when it may.
 *
 * @param allowVulnerable accept an old release, never the insecure parser, which changes what the
 *   process does
 */
export function runtimeProblem(runtime: Runtime, allowVulnerable: boolean): string | undefined {
  const options = [...runtime.execArgv, ...(runtime.nodeOptions ?? "").split(/\s+/)];
  // Node.js takes `_` for `-` in its options; NODE_OPTIONS may quote them.
  if (
    options.some(
      (option) => option.replaceAll("_", "-").replaceAll('"', "") === "--insecure-http-parser",
    )
  )
    return (
      "refusing to start with --insecure-http-parser: it makes Node.js accept ambiguous " +
      "requests"
    );
  if (allowVulnerable || isSafe(runtime.version)) return undefined;
  return (
    `Node.js ${runtime.version} has known vulnerabilities: use ` +
    `${safeReleases.map(show).join(" or ")} or newer (or --allow-vulnerable-runtime)`
  );
}

function isSafe(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const line = safeReleases.find((release) => release.major === major);
  if (line === undefined) return major > safeReleases[1].major;
  return minor > line.minor || (minor === line.minor && patch >= line.patch);
}

function show({ major, minor, patch }: (typeof safeReleases)[number]): string {
  return `${major}.${minor}.${patch}`;
}
