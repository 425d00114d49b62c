/** Large bodies: each goes into the pack of the segment in which it began. */
import type { Log } from "../../core/log.ts";
import { errorCode } from "../../core/system-error.ts";
import type { BodyPointer } from "../record/body-pointer.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import { FrameCompression } from "./frame-compression.ts";
import { KnownBodies } from "./known-bodies.ts";
import { PackFile } from "./pack-file.ts";
import { PackedBody, type BodyTraits } from "./packed-body.ts";

/** What stores of bodies need to know. */
export interface PackOptions {
  /** Packs are brought to the device by `sync`, and so are their names. */
  readonly isDurable: boolean;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Something has gathered: `flush` must follow before the turn ends. */
  readonly onGathered: () => void;
  /** A pack was closed, and not all of it may be on the device; `error` is the code of why. */
  readonly onLeft: (error: string) => void;
}

/** The packs of one trail. Never throws. */
export class PackStore {
  readonly #directory: string;
  readonly #options: PackOptions;
  readonly #buffer: FrameBuffer;
  readonly #known = new KnownBodies();
  /** Earlier packs that bodies still go into. */
  #retired: PackFile[] = [];
  #pack: PackFile;
  #failures = 0;

  /** @param name of the first segment's pack, which need not exist */
  constructor(directory: string, name: string, options: PackOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#buffer = new FrameBuffer(new FrameCompression(options.now));
    this.#pack = this.#packFile(name);
  }

  /** Bodies that could not be stored since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Bytes in the present pack. */
  get size(): number {
    return this.#pack.size;
  }

  /** The present pack was removed. */
  get isRemoved(): boolean {
    return this.#pack.isRemoved;
  }

  /** Starts a body; undefined when the pack cannot be opened. */
  begin(traits: BodyTraits): PackedBody | undefined {
    try {
      this.#pack.open();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
    return new PackedBody(this, this.#pack, traits);
  }

  /** A new segment begins: bodies that come from now on go into the pack of this name. */
  beginSegment(name: string): void {
    this.flush();
    this.#pack.retire();
    this.#retired = this.#retired.filter((pack) => pack.isOpen);
    if (this.#pack.isOpen) this.#retired.push(this.#pack);
    this.#pack = this.#packFile(name);
    this.#known.clear();
  }

  /** Writes what has gathered. */
  flush(): void {
    this.#buffer.flush();
  }

  /** Calls back when all that was written is on the device; `error` is empty when it is. */
  sync(done: (error: string) => void): void {
    const dirty = [...this.#retired, this.#pack].filter((pack) => pack.isDirty);
    let waiting = dirty.length;
    if (waiting === 0) {
      done("");
      return;
    }
    let failure = "";
    for (const pack of dirty)
      pack.sync((error) => {
        if (error !== "") failure = error;
        waiting -= 1;
        if (waiting === 0) done(failure);
      });
  }

  /** Writes what has gathered and closes the packs; bodies under way end where they are. */
  close(): void {
    this.flush();
    for (const pack of [...this.#retired, this.#pack]) pack.close();
  }

  /** @internal Takes bytes of a body. */
  add(body: PackedBody, bytes: Uint8Array, start: number, end: number): void {
    if (this.#buffer.isEmpty) this.#options.onGathered();
    this.#buffer.add(body, bytes, start, end);
  }

  /**
   * @internal Ends a body. One that nothing came between is pointed to, instead of stored again,
   *   where the pack holds an equal one that came so, too.
   */
  end(body: PackedBody, sha256: string, isComplete: boolean): BodyPointer | undefined {
    const isTogether = body.pack === this.#pack && this.#buffer.holdsLast(body);
    if (isTogether) {
      const known = this.#known.get(sha256);
      if (known !== undefined) {
        this.#buffer.drop(body);
        return known;
      }
    }
    this.#buffer.end(body, isComplete);
    if (body.isLost) return undefined;
    // What came before may not be on the device.
    if (body.pack.isSuspect) {
      body.onLost(undefined);
      return undefined;
    }
    const { lastFrame: offset, storedBytes, bytes } = body;
    const pointer = { pack: body.pack.name, offset, storedBytes, bytes, sha256 };
    if (isTogether) this.#known.add(pointer);
    return pointer;
  }

  /** @internal A body could not be stored. */
  failed(error: unknown): void {
    this.#failures += 1;
    // One line per power of two: a full disk must not fill the operational log.
    if ((this.#failures & (this.#failures - 1)) === 0)
      this.#options.log.error(
        { code: errorCode(error), failures: this.#failures },
        "a body could not be stored; its record says so",
      );
  }

  #packFile(name: string): PackFile {
    const { isDurable, log, onLeft } = this.#options;
    return new PackFile(this.#directory, name, isDurable, (code) => {
      log.error({ code, pack: name }, "a body pack could not be brought to the device");
      onLeft(code);
    });
  }
}
