/**
 * Tells failures of this machine from failures of an endpoint, so that no endpoint is blamed for
 * them.
 */
const codes: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
]);

/**
 * True when a connection failed for want of something on this machine: file descriptors, memory,
 * local ports. No endpoint is to blame for it.
 */
export function isLocalResourceError(error: NodeJS.ErrnoException | undefined): boolean {
  if (error === undefined) return false;
  if (error instanceof AggregateError)
    return (
      error.errors.length > 0 &&
      error.errors.every((one: NodeJS.ErrnoException) => isLocalResourceError(one))
    );
  return error.code !== undefined && codes.has(error.code);
}
