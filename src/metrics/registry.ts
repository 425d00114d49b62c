import { layouts } from "./metric-slots.ts";
import type { BlockKind } from "./metric-slots.ts";

/** The numbers of one thing that is measured: a route, an endpoint, the process. */
export interface Block {
  readonly kind: BlockKind;
  /** Values of the labels that all its metrics share. */
  readonly labels: readonly string[];
  /** In the order of the kind's layout. Written in place. */
  readonly values: Float64Array;
}

/** All numbers of a process at one moment; plain data that may go to another process. */
export type Snapshot = readonly Block[];

/**
 * The numbers of one process. Blocks are made when the configuration is built; code that counts
 * keeps the typed array and adds to it.
 */
export class Registry {
  readonly #blocks = new Map<string, Block>();

  /**
   * The block of this kind with these labels; the same one each time, so that a reload goes on
   * counting.
   */
  block(kind: BlockKind, ...labels: string[]): Block {
    const key = keyOf(kind, labels);
    const found = this.#blocks.get(key);
    if (found !== undefined) return found;
    const block = { kind, labels, values: new Float64Array(layouts[kind].slots.length) };
    this.#blocks.set(key, block);
    return block;
  }

  /**
   * Forgets blocks of this kind that are not among `kept`: what the configuration no longer names.
   */
  keep(kind: BlockKind, kept: ReadonlySet<Block>): void {
    for (const [key, block] of this.#blocks)
      if (block.kind === kind && !kept.has(block)) this.#blocks.delete(key);
  }

  /** The numbers as they are now, copied. */
  snapshot(): Snapshot {
    return [...this.#blocks.values()].map(({ kind, labels, values }) => ({
      kind,
      labels,
      values: values.slice(),
    }));
  }
}

/** Names a block among all. */
export function keyOf(kind: BlockKind, labels: readonly string[]): string {
  return JSON.stringify([kind, ...labels]);
}
