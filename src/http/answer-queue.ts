import type { Buffer } from "node:buffer";

/**
 * Bytes of answers that wait for slow clients in one process, beside what their sockets hold: with
 * the default of 256 KiB an answer, 256 clients.
 */
const mostBytes = 67_108_864;

/** What all clients of a process together have waiting for them. */
export class AnswerRoom {
  usedBytes = 0;

  get isFull(): boolean {
    return this.usedBytes >= mostBytes;
  }
}

/**
 * What a client has not taken yet of its answer, so that the endpoint's connection is free for
 * others. Bounded for each answer and for all of them together.
 */
export class AnswerQueue {
  readonly #room: AnswerRoom;
  readonly #mostBytes: number;
  #pieces: Buffer[] = [];
  #at = 0;
  #bytes = 0;

  constructor(room: AnswerRoom, mostBytes: number) {
    this.#room = room;
    this.#mostBytes = mostBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** No more should come. */
  get isFull(): boolean {
    return this.#bytes >= this.#mostBytes || this.#room.isFull;
  }

  /** @param piece not empty; its memory is the queue's from now on */
  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#count(piece.length);
  }

  /** Takes out the first piece; `undefined`: there is none. */
  take(): Buffer | undefined {
    const piece = this.#pieces[this.#at];
    if (piece === undefined) return undefined;
    this.#at += 1;
    this.#count(-piece.length);
    if (this.#bytes === 0) this.#clear();
    return piece;
  }

  /** Nothing of it is wanted. */
  drop(): void {
    this.#count(-this.#bytes);
    this.#clear();
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#room.usedBytes += bytes;
  }

  #clear(): void {
    this.#pieces = [];
    this.#at = 0;
  }
}
