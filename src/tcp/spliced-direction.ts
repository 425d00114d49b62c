/** One direction of two joined connections. */
import type { Socket } from "node:net";
import type { PacedReader, ReadPacer } from "../core/read-pacer.ts";

/** Bytes. A smaller read ends what came before it: there was no more to be read. */
const fullRead = 16_384;

/** Reads one socket for another one: no faster than that takes it, and in turns with others. */
export class SplicedDirection implements PacedReader {
  /** Of what comes without a pause. */
  messageBytes = 0;
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #reads: ReadPacer;
  /** Others read first. */
  #isHeld = false;

  constructor(source: Socket, sink: Socket, reads: ReadPacer) {
    this.#source = source;
    this.#sink = sink;
    this.#reads = reads;
  }

  /** So many bytes have been passed on. `isRoomLeft`: the other side takes more. */
  passed(bytes: number, isRoomLeft: boolean): void {
    this.messageBytes = bytes < fullRead ? 0 : this.messageBytes + bytes;
    if (!isRoomLeft) this.#source.pause();
    else if (!this.#isHeld) this.#reads.spend(this, bytes);
  }

  /** The other side takes more. */
  drained(): void {
    if (!this.#isHeld) this.#source.resume();
  }

  hold(): void {
    this.#isHeld = true;
    this.#source.pause();
  }

  goOn(): boolean {
    this.#isHeld = false;
    if (this.#source.destroyed || this.#sink.writableNeedDrain) return false;
    this.#source.resume();
    return true;
  }
}
