/** Columns at one point of an ES|QL pipeline. */
import { matchesWildcard } from "../names/wildcard.ts";
import type { EsqlField } from "./esql-fields.ts";

/** More copies of `_id` under other names than this are not followed. */
const maxIdColumns = 32;
/** Names times patterns to compare; above it the names count as unknown. */
const maxComparisons = 1_000_000;

/** Changes in place as commands pass. All operations take time linear in their arguments. */
export class ColumnState {
  /** All columns; undefined when only the cluster knows. */
  names: Set<string> | undefined = undefined;
  /** Columns that hold `_id`, and `_index`, unchanged. */
  ids = new Set<string>();
  indices = new Set<string>();
  hasDerivedIds = false;

  /** A state to begin a branch with; its names are unknown, as those after branches are. */
  branch(): ColumnState {
    const copy = new ColumnState();
    copy.ids = new Set(this.ids);
    copy.indices = new Set(this.indices);
    copy.hasDerivedIds = this.hasDerivedIds;
    return copy;
  }

  become(other: ColumnState): void {
    this.names = other.names;
    this.ids = other.ids;
    this.indices = other.indices;
    this.hasDerivedIds = other.hasDerivedIds;
  }

  /** Rows of another pipeline come in beside these. */
  unite(other: ColumnState): void {
    this.names = undefined;
    for (const id of other.ids) addBounded(this.ids, id);
    for (const index of other.indices) addBounded(this.indices, index);
    this.hasDerivedIds ||= other.hasDerivedIds;
  }

  keep(patterns: readonly string[]): void {
    this.#filter(patterns, true);
    if (!patterns.some((pattern) => pattern.includes("*"))) this.names = new Set(patterns);
  }

  drop(patterns: readonly string[]): void {
    this.#filter(patterns, false);
  }

  rename(renames: ReadonlyMap<string, string>): void {
    const renamed = (names: ReadonlySet<string>): Set<string> =>
      new Set([...names].map((name) => renames.get(name) ?? name));
    this.ids = renamed(this.ids);
    this.indices = renamed(this.indices);
    if (this.names !== undefined) this.names = renamed(this.names);
  }

  /** A field is computed from the columns of `from` and replaces one of its name. */
  assign(field: EsqlField, from: ColumnState): void {
    const { name, copied } = field;
    const isId = copied !== undefined && from.ids.has(copied);
    const isIndex = copied !== undefined && from.indices.has(copied);
    if (!isId && field.columns.some((column) => from.ids.has(column))) this.hasDerivedIds = true;
    this.ids.delete(name);
    this.indices.delete(name);
    if (isId) addBounded(this.ids, name);
    if (isIndex) addBounded(this.indices, name);
    this.names?.delete(name);
    this.names?.add(name);
  }

  #filter(patterns: readonly string[], keepsMatches: boolean): void {
    const plain = new Set(patterns);
    const wildcards = patterns.filter((pattern) => pattern.includes("*"));
    const stays = (name: string): boolean =>
      keepsMatches === (plain.has(name) || wildcards.some((it) => matchesWildcard(it, name)));
    const filtered = (names: ReadonlySet<string>): Set<string> => new Set([...names].filter(stays));
    this.ids = filtered(this.ids);
    this.indices = filtered(this.indices);
    if (this.names === undefined) return;
    const isCheap = this.names.size * wildcards.length <= maxComparisons;
    this.names = isCheap ? filtered(this.names) : undefined;
  }
}

function addBounded(names: Set<string>, name: string): void {
  if (names.size < maxIdColumns) names.add(name);
}
