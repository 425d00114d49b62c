/** What the operating system lets this process have open. */
let known: number | undefined;

/**
 * How many descriptors this process may have open at a time: RLIMIT_NOFILE, whose soft value
 * Node.js raises to the hard one at its start. `Infinity` where there is no limit, or none is told.
 *
 * The first call must come before there are connections: Node.js tells the limit in its diagnostic
 * report only, which looks up the names of all peers.
 */
export function openFileLimit(): number {
  return (known ??= readLimit());
}

function readLimit(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" && soft > 0 ? soft : Infinity;
}
