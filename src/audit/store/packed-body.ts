/** One body on its way into a pack. */
import type { BodyPointer } from "../record/body-pointer.ts";
import type { FramedBody } from "./frame-buffer.ts";
import type { PackFile } from "./pack-file.ts";

/** What is known of a body before it comes. */
export interface BodyTraits {
  /** Of the exchange or session. */
  readonly id: string;
  readonly direction: "request" | "response";
  /** It has a content coding: compressing it again would be in vain. */
  readonly isCoded: boolean;
  /** It goes through the redaction first. */
  readonly isRedacted: boolean;
}

/** The store, as far as its bodies need it. */
interface BodyStore {
  add(body: PackedBody, bytes: Uint8Array, start: number, end: number): void;
  end(body: PackedBody, sha256: string, isComplete: boolean): BodyPointer | undefined;
  flush(): void;
  failed(error: unknown): void;
}

/**
 * Ends by `finish`, exactly once. When a part of it cannot be written it is lost: what comes
 * afterwards is not stored.
 */
export class PackedBody implements FramedBody {
  readonly pack: PackFile;
  readonly id: string;
  readonly direction: "request" | "response";
  readonly isRedacted: boolean;
  isCompressible: boolean | undefined;
  lastFrame = 0;
  storedBytes = 0;
  bytes = 0;
  isBuffered = false;
  isLost = false;
  readonly #store: BodyStore;

  /** @internal made by `PackStore.begin` */
  constructor(store: BodyStore, pack: PackFile, traits: BodyTraits) {
    this.#store = store;
    this.pack = pack;
    this.id = traits.id;
    this.direction = traits.direction;
    this.isRedacted = traits.isRedacted;
    this.isCompressible = traits.isCoded ? false : undefined;
    pack.users += 1;
  }

  /** Takes bytes; they are written at the end of the turn at the latest. */
  write(bytes: Uint8Array, start: number, end: number): void {
    if (!this.isLost) this.#store.add(this, bytes, start, end);
  }

  /** Writes what has been taken, now. @returns whether all of it is stored */
  flush(): boolean {
    if (!this.isLost) this.#store.flush();
    return !this.isLost;
  }

  /** @param sha256 of the whole body. @returns where it lies; undefined: it is lost */
  finish(sha256: string, isComplete: boolean): BodyPointer | undefined {
    const pointer = this.isLost ? undefined : this.#store.end(this, sha256, isComplete);
    this.pack.release();
    return pointer;
  }

  onLost(error: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    this.#store.failed(error);
  }
}
