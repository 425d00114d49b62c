import { esqlSources } from "../../esql/esql-sources.ts";
import type { QuerySource } from "../../esql/query-source.ts";
import { sqlSources } from "../../esql/sql-sources.ts";
import { parseIndexExpressions } from "../../names/index-expression.ts";
import { splitIndexList } from "../../names/index-list.ts";
import { CountByName } from "../count-by-name.ts";
import type { CursorDigest, CursorFact, CursorKind } from "../cursor-digest.ts";
import { DocumentList, type DocumentListener } from "../document-list.ts";
import type { Examination } from "../examination.ts";
import type {
  ActionFact,
  LookupFact,
  NameKind,
  NameUse,
  OutputFact,
  QueryTextFact,
  RequestFacts,
  WriteAction,
} from "./request-facts.ts";

/** Bounds of the lists in a record. */
const maxNames = 1000;
const maxLookups = 100;
const maxQueries = 20;
/** Characters of queries whose sources are looked for. */
const maxQueryLength = 131_072;
const maxCursors = 100;
const maxOutputs = 200;
/** Characters of a name that are kept. */
const maxNameLength = 512;

export const writeActions: readonly WriteAction[] = [
  "index",
  "create",
  "update",
  "delete",
  "unknown",
];

interface NameCount {
  readonly kind: NameKind;
  readonly use: NameUse;
  readonly name: string;
  readonly resolved: string | undefined;
  readonly isExclusion: boolean;
  count: number;
}

/** Collects the facts of one request. Bounded: what finds no room in a list is counted. */
export class RequestRecord {
  /** Actions by index and by number in {@link writeActions}. */
  readonly actions = new CountByName(writeActions.length);
  readonly documents: DocumentList;
  readonly defaultIndex: string | undefined;
  /**
   * How often indices and cursors were named, whatever found room; texts that should name indices
   * and name none; and how many were named before the last array: none since then means that it is
   * empty.
   */
  readonly mentions = { indices: 0, cursors: 0, empty: 0, beforeArray: -1 };
  searches = 0;
  size: number | undefined = undefined;
  from: number | undefined = undefined;
  hasSearchAfter = false;
  isColumnar = false;

  readonly #digest: CursorDigest;
  readonly #nowMs: number;
  readonly #names = new Map<string, NameCount>();
  #usesWithWildcard: Set<NameUse> | undefined = undefined;
  #moreNames = 0;
  /** Actions on no index, by number in {@link writeActions}. */
  #actionsWithoutIndex: number[] | undefined = undefined;
  readonly #lookups: LookupFact[] = [];
  #moreLookups = 0;
  readonly #queries: QueryTextFact[] = [];
  #queryLength = 0;
  readonly #cursors: CursorFact[] = [];
  readonly #outputs: OutputFact[] = [];
  #moreOutputs = 0;

  /**
   * @param defaultIndex index of the path, where none is named
   * @param nowMs time of the request, for date math; milliseconds since 1970
   */
  constructor(
    digest: CursorDigest,
    listener: DocumentListener | undefined,
    defaultIndex: string | undefined,
    nowMs: number,
  ) {
    this.#digest = digest;
    this.#nowMs = nowMs;
    this.documents = new DocumentList(listener);
    this.defaultIndex = defaultIndex;
  }

  /** Notes what stands in a list of index expressions, separated by commas, each on its own. */
  nameList(kind: NameKind, use: NameUse, list: string): void {
    const { items, total } = splitIndexList(list, maxNames);
    if (total === 0) this.mentions.empty += 1;
    for (const item of items) this.name(kind, use, item);
    this.#moreNames += total - items.length;
  }

  /** An array of indices begins, which may turn out to be empty. */
  arrayBegins(): void {
    this.mentions.beforeArray = this.mentions.indices;
  }

  name(kind: NameKind, use: NameUse, name: string): void {
    if (kind === "index") this.mentions.indices += 1;
    const kept = name.slice(0, maxNameLength);
    const key = `${kind} ${use} ${kept}`;
    const known = this.#names.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#names.size === maxNames) this.#moreNames += 1;
    else {
      const { name: own, resolved, isExclusion } = this.#expression(kind, use, kept);
      this.#names.set(key, { kind, use, name: own, resolved, isExclusion, count: 1 });
    }
  }

  /**
   * What a name means. A minus excludes only behind a wildcard; lists come item by item, so that
   * one in the same use counts.
   */
  #expression(
    kind: NameKind,
    use: NameUse,
    name: string,
  ): Pick<NameCount, "name" | "resolved" | "isExclusion"> {
    if (kind !== "index") return { name, resolved: undefined, isExclusion: false };
    const list = this.#usesWithWildcard?.has(use) === true ? ["*", name] : name;
    const expression = parseIndexExpressions(list, this.#nowMs).items.at(-1);
    if (name.includes("*")) (this.#usesWithWildcard ??= new Set()).add(use);
    const { resolved, isExclusion = false } = expression ?? {};
    return { name, resolved, isExclusion };
  }

  /** Notes a document that is named. */
  document(index: string | undefined, id: string | undefined): void {
    const cut = id?.slice(0, maxNameLength);
    const of = index?.slice(0, maxNameLength) ?? this.defaultIndex;
    if (index !== undefined) this.name("index", "read", index);
    this.documents.add(of, cut, cut !== undefined);
  }

  actionWithoutIndex(action: number): void {
    const counts = (this.#actionsWithoutIndex ??= writeActions.map(() => 0));
    counts[action] = (counts[action] ?? 0) + 1;
  }

  lookup(lookup: LookupFact): void {
    if (this.#lookups.length < maxLookups) this.#lookups.push(lookup);
    else this.#moreLookups += 1;
    if (lookup.index !== undefined) this.nameList("index", "lookup", lookup.index);
  }

  /** Notes a query that is a text, and what it reads. */
  query(language: QueryTextFact["language"], text: string, isCut: boolean): void {
    if (this.#queries.length === maxQueries) return;
    this.#queryLength += text.length;
    // Elasticsearch refuses a body with several; reading them costs more than other bytes do.
    const isRead = language !== "eql" && this.#queryLength <= maxQueryLength;
    let isWhole = !isCut && (isRead || language === "eql");
    let idColumns: readonly string[] = [];
    let indexColumns: readonly string[] = [];
    if (isRead) {
      const found = language === "esql" ? esqlSources(text) : sqlSources(text);
      for (const source of found.sources) this.#source(source);
      this.#moreNames += found.sourceTotal - found.sources.length;
      isWhole &&= found.isWhole;
      if ("columns" in found) ({ ids: idColumns, indices: indexColumns } = found.columns);
    }
    this.#queries.push({ language, text, isCut, idColumns, indexColumns, isWhole });
  }

  #source({ kind, expression }: QuerySource): void {
    if (kind === "enrich_policy") this.name("enrich_policy", "lookup", expression);
    else if (kind === "lookup") this.name("index", "lookup", expression);
    else this.name("index", kind === "metadata" ? "name" : "read", expression);
  }

  cursor(kind: CursorKind, id: string): void {
    this.mentions.cursors += 1;
    if (this.#cursors.length < maxCursors)
      this.#cursors.push({ kind, digest: this.#digest.of(id) });
  }

  output(output: OutputFact): void {
    if (this.#outputs.length < maxOutputs) this.#outputs.push(output);
    else this.#moreOutputs += 1;
  }

  #unnamed(): ActionFact[] {
    return (this.#actionsWithoutIndex ?? []).flatMap((count, at) =>
      count > 0
        ? [{ index: undefined, resolved: undefined, action: writeActions[at] ?? "unknown", count }]
        : [],
    );
  }

  facts(body: Examination): RequestFacts {
    const named = this.actions.map((name, kind, count) => ({
      index: name,
      resolved: parseIndexExpressions(name, this.#nowMs).items[0]?.resolved,
      action: writeActions[kind] ?? "unknown",
      count,
    }));
    return {
      body,
      names: [...this.#names.values()],
      moreNames: this.#moreNames,
      actions: this.#actionsWithoutIndex === undefined ? named : [...this.#unnamed(), ...named],
      moreActions: this.actions.more,
      documents: this.documents.facts(),
      lookups: this.#lookups,
      moreLookups: this.#moreLookups,
      queries: this.#queries,
      cursors: this.#cursors,
      outputs: this.#outputs,
      moreOutputs: this.#moreOutputs,
      searches: this.searches,
      size: this.size,
      from: this.from,
      hasSearchAfter: this.hasSearchAfter,
      isColumnar: this.isColumnar,
    };
  }
}
