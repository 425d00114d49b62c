/** Bodies in the body store: where they lie, and what a crash leaves of them. */

/** Where a body lies below the audit directory; with `.zst` behind it once it is compressed. */
export function bodyPointer(sha256: string): string {
  return `bodies/${sha256.slice(0, 2)}/${sha256}`;
}

/** A body of a process that died while it passed. */
export interface SealedBody {
  readonly sha256: string;
  readonly bytes: number;
}
