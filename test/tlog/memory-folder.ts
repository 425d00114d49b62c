import type { TileFile } from "../../src/tlog/tile-builder.ts";
import { tilePath } from "../../src/tlog/tile.ts";
import type { Tile } from "../../src/tlog/tile.ts";

/** A folder of tiles that is not on a disk. */
export class MemoryFolder {
  readonly files = new Map<string, Uint8Array>();

  write(changed: readonly TileFile[]): void {
    for (const { tile, bytes } of changed) this.files.set(tilePath(tile), bytes);
  }

  readonly read = (tile: Tile): Uint8Array | undefined => this.files.get(tilePath(tile));

  /** What a log may delete: every partial tile whose full tile is there. */
  prune(): void {
    for (const path of this.files.keys()) {
      const [full = "", width] = path.split(".p/");
      if (width !== undefined && this.files.has(full)) this.files.delete(path);
    }
  }
}
