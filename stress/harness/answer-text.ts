const emptyLine = "\r\n\r\n";

/**
 * Collects one answer with `Content-Length`, which is how the mock answers and how the proxy passes
 * it on.
 */
export class HeadAndBody {
  status = 0;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #bodyStart = -1;
  #length = 0;

  get isComplete(): boolean {
    return this.#bodyStart !== -1 && this.#bytes >= this.#bodyStart + this.#length;
  }

  get body(): Buffer {
    return this.#whole().subarray(this.#bodyStart, this.#bodyStart + this.#length);
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bodyStart !== -1) return;
    const whole = this.#whole();
    const end = whole.indexOf(emptyLine);
    if (end === -1) return;
    const head = whole.toString("latin1", 0, end + 2);
    this.status = Number(head.slice(9, 12));
    this.#length = Number(/\r\ncontent-length: *(\d+)\r\n/iu.exec(head)?.[1] ?? 0);
    this.#bodyStart = end + emptyLine.length;
  }

  #whole(): Buffer {
    if (this.#pieces.length > 1)
      this.#pieces.splice(0, this.#pieces.length, Buffer.concat(this.#pieces));
    return this.#pieces[0] ?? Buffer.alloc(0);
  }
}
