/** Finds aliases and merge keys of a YAML document that the library cannot resolve. */
import { isAlias, isMap, isScalar, isSeq, visit, type Document, type Node } from "yaml";

/** What is wrong with an alias or a merge key. */
export interface AliasProblem {
  /** Offset of the alias, or of the value to merge, in the text. */
  readonly offset: number;
  readonly message: string;
}

/**
 * Aliases without an anchor before them, and merge keys (yaml.org/type/merge.html) whose values are
 * no maps, in the order of the text.
 */
export function aliasProblems(document: Document): AliasProblem[] {
  const anchors = new Map<string, unknown>();
  const problems: AliasProblem[] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !isMergeKey(key.value)) return;
      for (const source of isSeq(value) ? value.items : [value]) {
        const merged = isAlias(source) ? anchors.get(source.source) : source;
        // An alias without its anchor is said where it is visited.
        if (isMap(merged) || (isAlias(source) && merged === undefined)) continue;
        const offset = (source as Node | null)?.range?.[0] ?? key.range?.[0] ?? 0;
        problems.push({ offset, message: "`<<` merges maps, or a list of them, only" });
      }
    },
    Alias: (_, { source, range }) => {
      if (anchors.has(source)) return;
      const message = `the alias *${source} has no anchor &${source} before it`;
      problems.push({ offset: range?.[0] ?? 0, message });
    },
    Node: (_, node) => {
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return problems;
}

function isMergeKey(key: unknown): boolean {
  return key === "<<" || (typeof key === "symbol" && key.description === "<<");
}
