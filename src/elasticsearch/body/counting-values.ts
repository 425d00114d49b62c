/** Which values of a body make a difference to what was found in it. */

/**
 * Filled by the scanners of one body. Two bodies that differ only in the contents of other strings
 * and numbers tell the same.
 */
export class CountingValues {
  /** Offsets in the body of scalars whose content was looked at. */
  readonly starts = new Set<number>();
  /** Readers that the body is given to. */
  readers = 0;
  /** Scanners that fill it. Where they are fewer than its readers, every value counts. */
  scanners = 0;
  /** Whether something rests on the content of the scalar at an offset. */
  has(at: number): boolean {
    return this.scanners < this.readers || this.starts.has(at);
  }

  /** Offset of the one number that is told as the time that the cluster took; -1: there is none. */
  tookAt = -1;
}
