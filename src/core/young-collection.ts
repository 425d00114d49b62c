/**
 * Has V8 collect its young objects when large buffers that were read have become garbage, and when
 * many connections have come.
 *
 * V8 looks at the memory of buffers beside its heap only to start marking the whole heap, every
 * 64 MiB (`kExternalAllocationSoftLimit` in V8's heap.h). A buffer of 64 KiB takes 200 bytes of the
 * heap, so a thousand of them bring that about long before the young generation is full, although
 * collecting that frees them all: marking took more than half of the CPU time of uploads.
 *
 * Buffers are not detached to free them (`ArrayBuffer.prototype.transfer`): after the first one V8
 * checks each access to any typed array (its "array buffer detaching protector"), which costs every
 * loop over bytes a third more instructions.
 */
import { collectGarbage } from "./collect-garbage.ts";

/**
 * Bytes. A collection of what is young takes 0.3 ms. A buffer that two of them find in use becomes
 * old, and only marking frees it: with half as many bytes 64 uploads at a time brought about 24
 * markings in 15 seconds instead of 3; with twice as many the marking begins before the collection.
 */
const dueBytes = 16_777_216;
/** Connections; each has some 10 KB that last as long as it does, so that 1 ms is enough. */
const connectionsDue = 32;
/** Bytes. Node gives the rest of a buffer back when less was read. */
const largeBytes = 16_384;

let bytes = 0;

/** A buffer of this length was read, which nobody needs for long. */
export function noteRead(length: number): void {
  if (length < largeBytes) return;
  bytes += length;
  if (bytes >= dueBytes) collectYoung();
}

/** Collects what is young now. */
function collectYoung(): void {
  bytes = 0;
  collectGarbage("minor");
}

/**
 * Collects young objects while connections become many, a few at a time. What lasts is copied
 * twice before it is old: when thousands come in a second, the collections that V8 begins when its
 * 16 MiB are full copy 10 MB at once, and stop the traffic for 5 to 10 ms.
 */
export class YoungConnections {
  /** The least that were open since the last collection. */
  #least = 0;

  /** @param open connections; called when it has changed */
  note(open: number): void {
    if (open < this.#least) this.#least = open;
    else if (open >= this.#least + connectionsDue) {
      this.#least = open;
      collectYoung();
    }
  }
}
