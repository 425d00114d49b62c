/** Columns of the answer of an ES|QL query, and which of them tell the ids of documents. */
import { ColumnState } from "./column-state.ts";
import { fieldsOf, patternsOf, renamesOf, splitAtWord } from "./esql-fields.ts";
import type { EsqlCommand, EsqlPipeline, EsqlStructure } from "./esql-pipeline.ts";
import { isWord } from "./query-token.ts";

/** What is known of the columns without the mappings. */
export interface EsqlColumns {
  /** All columns; undefined when only the cluster knows. */
  readonly names: readonly string[] | undefined;
  /** Columns that hold `_id` and `_index` of each row's document, under whatever name. */
  readonly ids: readonly string[];
  readonly indices: readonly string[];
  /** Some column is computed from ids (`VALUES(_id)`), so that they can be seen in another form. */
  readonly hasDerivedIds: boolean;
}

/** Follows the columns through the commands of a query. */
export function columnsOf({ query, pipeline }: EsqlStructure): EsqlColumns {
  const state = new ColumnState();
  new ColumnWalk(query).pipeline(pipeline, state);
  return {
    names: state.names === undefined ? undefined : [...state.names].slice(0, maxColumns),
    ids: [...state.ids],
    indices: [...state.indices],
    hasDerivedIds: state.hasDerivedIds,
  };
}

/** Columns that are listed; a wide table has some hundred. */
const maxColumns = 1000;

class ColumnWalk {
  readonly #query: string;

  constructor(query: string) {
    this.#query = query;
  }

  pipeline(pipeline: EsqlPipeline, state: ColumnState): void {
    for (const command of pipeline.commands) this.#command(command, state);
  }

  #command(command: EsqlCommand, state: ColumnState): void {
    const { name, tokens } = command;
    switch (name) {
      case "from":
      case "ts":
      case "metrics":
        return this.#readSources(command, state);
      case "row":
        state.names = new Set();
        return this.#evaluate(command, state);
      case "show":
        state.names = new Set(["version", "date", "hash"]);
        return;
      case "keep":
        return state.keep(patternsOf(tokens));
      case "drop":
        return state.drop(patternsOf(tokens));
      case "rename":
        return state.rename(renamesOf(tokens));
      case "eval":
        return this.#evaluate(command, state);
      case "stats":
        return this.#aggregate(command, state);
      case "inline stats":
      case "inlinestats":
        return this.#aggregateInline(command, state);
      case "fork":
        return this.#fork(command, state);
      case "where":
      case "limit":
      case "sort":
      case "sample":
      case "mv_expand":
        return;
      default:
        state.names = undefined;
    }
  }

  #readSources({ tokens, pipelines }: EsqlCommand, state: ColumnState): void {
    for (const pipeline of pipelines) {
      const inner = new ColumnState();
      this.pipeline(pipeline, inner);
      state.unite(inner);
    }
    const metadata = tokens.findIndex((token) => isWord(token, "metadata"));
    for (const { text } of metadata < 0 ? [] : tokens.slice(metadata + 1)) {
      if (text === "_id") state.ids.add(text);
      if (text === "_index") state.indices.add(text);
    }
  }

  #evaluate({ tokens }: EsqlCommand, state: ColumnState): void {
    for (const field of fieldsOf(tokens, this.#query)) state.assign(field, state);
  }

  /** Only aggregates and groupings are left. */
  #aggregate({ tokens }: EsqlCommand, state: ColumnState): void {
    const result = new ColumnState();
    result.names = new Set();
    result.hasDerivedIds = state.hasDerivedIds;
    for (const part of splitAtWord(tokens, "by")) {
      for (const field of fieldsOf(part, this.#query)) result.assign(field, state);
    }
    state.become(result);
  }

  /** Aggregates come in beside the columns, as groupings do that are computed. */
  #aggregateInline({ tokens }: EsqlCommand, state: ColumnState): void {
    const [aggregates, groupings] = splitAtWord(tokens, "by");
    for (const field of fieldsOf(aggregates, this.#query)) state.assign(field, state);
    for (const field of fieldsOf(groupings, this.#query)) {
      if (field.copied !== field.name) state.assign(field, state);
    }
  }

  #fork({ pipelines }: EsqlCommand, state: ColumnState): void {
    const result = new ColumnState();
    for (const pipeline of pipelines) {
      const inner = state.branch();
      this.pipeline(pipeline, inner);
      result.unite(inner);
    }
    state.become(result);
  }
}
