/**
 * Has V8 collect its young objects when large buffers that were read have become garbage.
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
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collector = (options: { readonly type: "minor" }) => void;

/**
 * Bytes. A collection of what is young takes 0.3 ms. A buffer that two of them find in use becomes
 * old, and only marking frees it: with half as many bytes 64 uploads at a time brought about 24
 * markings in 15 seconds instead of 3; with twice as many the marking begins before the collection.
 */
const dueBytes = 16_777_216;
/** Bytes. Node gives the rest of a buffer back when less was read. */
const largeBytes = 16_384;

let bytes = 0;
let collector: Collector | false | undefined = undefined;

/** A buffer of this length was read, which nobody needs for long. */
export function noteRead(length: number): void {
  if (length < largeBytes) return;
  bytes += length;
  if (bytes < dueBytes) return;
  bytes = 0;
  collector ??= findCollector() ?? false;
  if (collector !== false) collector({ type: "minor" });
}

/** V8's `gc`, which Node hides; undefined: this V8 has none, and marks as it does by itself. */
function findCollector(): Collector | undefined {
  try {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    setFlagsFromString("--no-expose-gc");
    return typeof found === "function" ? (found as Collector) : undefined;
  } catch {
    return undefined;
  }
}
