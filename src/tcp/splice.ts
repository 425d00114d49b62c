import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ReadPacer } from "../core/read-pacer.ts";
import { resetSocket } from "../core/reset-socket.ts";
import { noteRead } from "../core/young-collection.ts";
import type { ReadBuffer } from "./read-buffer.ts";
import { closeNow, endAndDrain, endDirection } from "./socket-end.ts";
import { SplicedDirection } from "./spliced-direction.ts";

/** How the splice ended: `completed` when both sides have ended their direction. */
export type SpliceEnd = "completed" | "client_aborted" | "upstream_failed";

/** Is called by the splice. */
export interface SpliceOwner {
  /** The first byte from the server, before it is passed on. */
  serverAnswered(): void;
  /** One side has ended its direction; the other may go on. */
  halfClosed(): void;
  /** Both sockets are closed, or destroyed. Called once. */
  spliceEnded(end: SpliceEnd): void;
}

/**
 * Joins two connected sockets: each side's bytes go to the other, and each side's end is passed on
 * while the other direction goes on. A side that does not read stops the reading of the other, so
 * that memory stays flat. A connection that breaks is passed on as a reset, never as a clean end,
 * because a FIN would make a truncated answer look whole.
 *
 * It adds its listeners in `start` and owns both sockets from then on, but for the client's `error`
 * and `close` events, which their listener since the accept hands on.
 */
export class Splice {
  /** Bytes from the client, written to the server. */
  bytesUp = 0;
  /** Bytes from the server, written to the client. */
  bytesDown = 0;
  /** Whether bytes passed since the owner last set this to `false`. */
  isActive = true;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #owner: SpliceOwner;
  readonly #up: SplicedDirection;
  readonly #down: SplicedDirection;
  #clientEnded = false;
  #upstreamEnded = false;
  #clientClosed = false;
  #upstreamClosed = false;
  #end: SpliceEnd = "completed";
  /** {@link finish} was called. */
  #isFinishing = false;
  #isOver = false;

  /** @param reads shares the turns of the event loop among all splices of a process */
  constructor(client: Socket, upstream: Socket, owner: SpliceOwner, reads: ReadPacer) {
    this.#client = client;
    this.#upstream = upstream;
    this.#owner = owner;
    this.#up = new SplicedDirection(client, upstream, reads);
    this.#down = new SplicedDirection(upstream, client, reads);
  }

  /** Whether the client has ended its direction. */
  get hasClientEnded(): boolean {
    return this.#clientEnded;
  }

  /** @param clientEnded whether the client's end was already read */
  start(clientEnded: boolean): void {
    const client = this.#client;
    const upstream = this.#upstream;
    client.on("data", (chunk: Buffer) => {
      if (this.#isFinishing) return;
      this.bytesUp += chunk.length;
      this.isActive = true;
      this.#up.passed(chunk.length, this.#upstreamClosed || upstream.write(chunk));
      noteRead(chunk.length);
    });
    client.on("end", () => this.clientEnd());
    client.on("drain", () => this.#down.drained());
    upstream.on("end", () => {
      this.#upstreamEnded = true;
      endDirection(client, this.#clientEnded);
      this.#owner.halfClosed();
    });
    upstream.on("drain", () => this.#up.drained());
    upstream.on("error", () => this.#upstreamBroke());
    upstream.on("close", () => {
      this.#upstreamClosed = true;
      this.#settle();
    });
    if (clientEnded) this.clientEnd();
    if (!upstream.writableNeedDrain) client.resume();
  }

  /** Bytes from the server. */
  serverBytes(length: number, buffer: ReadBuffer): void {
    if (this.#isFinishing) return;
    if (this.bytesDown === 0) this.#owner.serverAnswered();
    this.bytesDown += length;
    this.isActive = true;
    if (this.#clientClosed) return;
    const bytes = buffer.bytes.subarray(0, length);
    const isRoomLeft = this.#client.write(buffer.isShared ? Buffer.from(bytes) : bytes);
    // What the kernel did not take at once still lies in the buffer.
    if (this.#client.writableLength > 0 && !buffer.isShared) buffer.keep();
    this.#down.passed(length, isRoomLeft);
  }

  /** The client's direction has ended. */
  clientEnd(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    endDirection(this.#upstream, this.#upstreamEnded);
    this.#owner.halfClosed();
  }

  /** The client's connection broke. */
  clientBroke(): void {
    if (this.#isOver || this.#isFinishing) return;
    const isWhole = this.#clientEnded && this.#upstreamEnded;
    if (!isWhole && this.#end === "completed") this.#end = "client_aborted";
    resetSocket(this.#upstream);
  }

  /** The client's socket is closed. */
  clientClose(): void {
    this.#clientClosed = true;
    if (!this.#clientEnded || !this.#upstreamEnded) this.clientBroke();
    this.#settle();
  }

  /** Ends both sides behind what was sent; what still comes is dropped. */
  finish(): void {
    this.#isFinishing = true;
    endAndDrain(this.#client);
    endAndDrain(this.#upstream);
  }

  /** Closes what {@link finish} has left open. */
  closeNow(): void {
    closeNow(this.#client);
    closeNow(this.#upstream);
  }

  /** Gives both connections up, both visibly broken. */
  destroy(): void {
    resetSocket(this.#client);
    resetSocket(this.#upstream);
  }

  /**
   * After its own end the server only refuses what the client still sends: its answer is whole.
   * Otherwise the answer is cut, and the client gets what came of it, then a reset.
   */
  #upstreamBroke(): void {
    const client = this.#client;
    if (this.#upstreamEnded || this.#isFinishing) {
      client.resume();
      return;
    }
    this.#end = "upstream_failed";
    // The callback of an empty write comes after everything written before it has left.
    client.write(nothing, () => resetSocket(client));
    this.#owner.halfClosed();
  }

  #settle(): void {
    if (this.#isOver || !this.#clientClosed || !this.#upstreamClosed) return;
    this.#isOver = true;
    this.#owner.spliceEnded(this.#end);
  }
}

const nothing = Buffer.alloc(0);
