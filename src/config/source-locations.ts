import { isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from "yaml";

import type { Diagnostic } from "./diagnostic.ts";

/** Steps from the top of the file to a value: keys and list positions. */
export type Path = readonly PropertyKey[];

/** Finds line and column of a value of a YAML document. */
export class SourceLocations {
  readonly #file: string;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** Pairs of the maps that were looked into, by key: a map may have many problems. */
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  /**
   * A problem at the value with this path; where the value does not exist, at the nearest one
   * around it that does.
   *
   * @param at `key`: the place of the last key instead of its value
   */
  problem(path: Path, message: string, at: "value" | "key" = "value"): Diagnostic {
    const where = formatPath(path);
    return this.atOffset(this.#offset(path, at), where === "" ? message : `${where}: ${message}`);
  }

  /** A problem at an offset of the text. */
  atOffset(offset: number, message: string): Diagnostic {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), message };
  }

  #offset(path: Path, at: "value" | "key"): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, step] of path.entries()) {
      const inner = isAlias(node) ? node.resolve(this.#document) : node;
      const isLast = index === path.length - 1;
      if (isMap(inner)) {
        const pair = this.#pairsOf(inner).get(String(step));
        if (pair === undefined) return offset;
        const key = startOf(pair.key) ?? offset;
        // An empty value has its place behind the colon, on the next line even: the key is what a
        // reader looks for.
        const isEmpty =
          !isNode(pair.value) ||
          (isScalar(pair.value) && pair.value.source === "" && pair.value.type === "PLAIN");
        offset = (isLast && at === "key") || isEmpty ? key : (startOf(pair.value) ?? key);
        node = pair.value;
      } else if (isSeq(inner)) {
        node = inner.items[Number(step)];
        offset = startOf(node) ?? offset;
      } else return offset;
    }
    return offset;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    // Merged maps first: the map's own keys win (yaml.org/type/merge.html).
    for (const { key, value } of map.items)
      if (isScalar(key) && isMergeKey(key))
        for (const merged of isSeq(value) ? value.items.toReversed() : [value]) {
          const source = isAlias(merged) ? merged.resolve(this.#document) : merged;
          if (isMap(source))
            for (const [name, pair] of this.#pairsOf(source)) pairs.set(name, pair);
        }
    for (const pair of map.items) {
      const name = keyOf(pair);
      if (name !== undefined) pairs.set(name, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

function isMergeKey(key: Scalar): boolean {
  return key.value === "<<" || (typeof key.value === "symbol" && key.value.description === "<<");
}

/** `listeners[0].timeouts.header`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
