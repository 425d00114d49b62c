/** A set of status codes, asked on the hot path. */
export class StatusSet {
  readonly #bits = new Uint8Array(600);

  constructor(ranges: readonly { readonly from: number; readonly to: number }[]) {
    for (const { from, to } of ranges) this.#bits.fill(1, from, Math.min(to, 599) + 1);
  }

  has(status: number): boolean {
    return this.#bits[status] === 1;
  }
}
