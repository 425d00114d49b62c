/** Runs a SELECT as ES|QL. */
import { EsError } from "../es-error.ts";
import { Analysis, type Attribute, unknownColumn } from "../esql/plan/analysis.ts";
import { type QueryOptions, runQuery, type Source, type Table } from "../esql/plan/query.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { Cell } from "../esql/values/value.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Written } from "./functions.ts";
import { resolved, resolvedCondition } from "./resolved.ts";
import type { Condition, Operand, Scalar, Select } from "./select.ts";
import { likePattern, ofLiteral, quotedText, writeScalar } from "./written.ts";

/** What a SELECT is run with. */
export interface SelectOptions {
  readonly nowMs: number;
  /** Opens an index; notes a failure for one that is not there. */
  readonly open: (name: string, at: number, analysis: Analysis) => Source;
  /** Type of a column in SQL; `undefined` for one that is not covered. */
  readonly typeOf: (column: string) => string | undefined;
  /** Fields of others (`title.raw`), which `*` leaves out. */
  readonly isPart: (column: string) => boolean;
  /** Most rows that are answered. */
  readonly maxRows: number;
}

/** What a SELECT found. */
export interface SelectTable extends Table {
  /** Types in SQL, one for each column. */
  readonly types: readonly string[];
}

/**
 * Runs a SELECT.
 *
 * @throws {EsError} 400 for columns and indices that there are none of, and for what is not covered
 */
export function runSelect(query: string, select: Select, options: SelectOptions): SelectTable {
  const analysis = new Analysis(query, options.nowMs);
  const source = options.open(select.table.name, select.table.at, analysis);
  return new Translation(query, select, { analysis, source, options }).run();
}

/**
 * The body of the search that a SELECT of columns without conditions becomes.
 *
 * @param size rows that are fetched at once
 * @throws {EsError} 400 as {@link runSelect}, and for what needs more than fields and an order
 */
export function selectBody(
  query: string,
  select: Select,
  options: Omit<SelectOptions, "maxRows">,
  size: number,
): JsonObject {
  const analysis = new Analysis(query, options.nowMs);
  const source = options.open(select.table.name, select.table.at, analysis);
  const parts = { analysis, source, options: { ...options, maxRows: 0 } };
  return new Translation(query, select, parts).body(size);
}

/** An output: its name, where its values are, and its type. */
interface Output {
  readonly name: string;
  readonly column: string;
  readonly type: string;
}

interface Parts {
  readonly analysis: Analysis;
  readonly source: Source;
  readonly options: SelectOptions;
}

/** What is translated joins nothing. */
const noJoins: Pick<QueryOptions, "openLookup" | "enrich"> = {
  openLookup: () => ({ columns: [], rows: () => [] }),
  enrich: { names: [], open: () => undefined },
};

class Translation {
  readonly #query: string;
  readonly #select: Select;
  readonly #parts: Parts;
  /** Names of aggregates by their texts in ES|QL. */
  readonly #aggregates = new Map<string, string>();
  readonly #used = new Set<string>();

  /** Computed columns by what they are in ES|QL. */
  readonly #computed = new Map<string, Written & { readonly name: string }>();

  constructor(query: string, select: Select, parts: Parts) {
    this.#query = query;
    this.#parts = parts;
    this.#select = resolved(
      select,
      (scalar) => this.#compute(scalar),
      (name) => this.#exists(name),
    );
  }

  /** The name of the column that an expression becomes. */
  #compute(scalar: Scalar): string {
    const written = writeScalar(scalar, {
      query: this.#query,
      column: (column, at) => {
        const operand = { at, aggregate: undefined, column, text: column };
        return { text: this.#plain(operand, "an expression"), type: this.#typeOf(column, at) };
      },
      condition: (condition) => {
        const compute = (given: Operand): Operand =>
          given.scalar === undefined
            ? given
            : { ...given, column: this.#compute(given.scalar), scalar: undefined };
        return this.#condition(resolvedCondition(condition, compute), false);
      },
    });
    const known = this.#computed.get(written.text);
    if (known !== undefined) return known.name;
    if (written.type === "interval")
      throw unsupported(this.#query, scalar.at, "an interval by itself");
    const name = `=s${this.#computed.size}`;
    this.#computed.set(written.text, { ...written, name });
    return name;
  }

  #computedBy(name: string): Written | undefined {
    return [...this.#computed.values()].find((computed) => computed.name === name);
  }

  run(): SelectTable {
    const { items, where, groups, having, orders, limit } = this.#select;
    const { analysis, options } = this.#parts;
    const isGrouped =
      groups.length > 0 || items.some(({ operand }) => operand?.aggregate !== undefined);
    const filter = where === undefined ? "" : ` | WHERE ${this.#condition(where, false)}`;
    const keys = groups.map((group) => this.#plain(group, "GROUP BY"));
    const outputs = items.flatMap(({ operand, name }) => this.#outputs(operand, name, isGrouped));
    const after = having === undefined ? "" : ` | WHERE ${this.#condition(having, true)}`;
    if (having !== undefined && !isGrouped)
      throw unsupported(this.#query, having.at, "HAVING without groups");
    const sorts = orders.map(({ operand, isDescending, nullsFirst }) => {
      const key = this.#orderKey(operand, isGrouped, outputs);
      return `${key} ${isDescending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
    });
    if (isGrouped) sorts.push(...keys.map((key) => `${key} ASC NULLS FIRST`));
    analysis.check();
    this.#refuseLists();
    const count = Math.min(limit ?? Infinity, options.maxRows + 1);
    const computed = [...this.#computed.values()].map((one) => `\`${one.name}\` = ${one.text}`);
    const first = computed.length === 0 ? "" : ` | EVAL ${computed.join(", ")}`;
    const text =
      `FROM t${first}${filter}${isGrouped ? this.#stats(keys) : ""}${after}` +
      `${sorts.length === 0 ? "" : ` | SORT ${sorts.join(", ")}`} | LIMIT ${count}`;
    const table = this.#run(text);
    // What ES|QL warns of is an error in SQL, or has another value.
    const [warning] = table.warnings;
    if (warning !== undefined) throw unsupported(this.#query, 0, `this query (${warning})`);
    if (table.rows.length > options.maxRows)
      throw unsupported(this.#query, 0, `a result of more than ${options.maxRows} rows`);
    return this.#shaped(table, outputs);
  }

  body(size: number): JsonObject {
    const { items, where, groups, having, orders, limit = size } = this.#select;
    const { analysis } = this.#parts;
    const aggregate = [...items, ...orders].find(
      ({ operand }) => operand?.aggregate !== undefined,
    )?.operand;
    const other = where ?? groups[0] ?? having ?? aggregate;
    if (other !== undefined || limit === 0 || this.#computed.size > 0)
      throw unsupported(this.#query, other?.at ?? 0, "more than columns in a translation");
    const outputs = items.flatMap(({ operand, name }) => this.#outputs(operand, name, false));
    const sort = orders.map(({ operand, isDescending, nullsFirst }) => {
      this.#plain(operand, "ORDER BY");
      const column = operand.column ?? "";
      const type = this.#typeOf(column, operand.at);
      const order = isDescending ? "desc" : "asc";
      const missing = nullsFirst ? "_first" : "_last";
      return { [column]: { order, missing, unmapped_type: type === "datetime" ? "date" : type } };
    });
    analysis.check();
    const types = new Map(outputs.map(({ column, type }) => [column, type]));
    const fields = [...types].map(([field, type]) =>
      type === "datetime" ? { field, format: "strict_date_optional_time_nanos" } : { field },
    );
    return {
      size: Math.min(limit, size),
      _source: false,
      fields,
      sort: sort.length === 0 ? [{ _doc: { order: "asc" } }] : sort,
      track_total_hits: -1,
    };
  }

  #stats(keys: readonly string[]): string {
    const computed = [...this.#aggregates].map(([text, name]) => `${name} = ${text}`);
    const by = keys.length === 0 ? "" : ` BY ${keys.join(", ")}`;
    return ` | STATS ${computed.join(", ")}${by}`;
  }

  #run(text: string): Table {
    const { source, options } = this.#parts;
    const columns = source.columns.filter(
      ({ name, type, isHidden }) =>
        type !== "unsupported" || isHidden === true || !this.#used.has(name),
    );
    const kept = source.columns.flatMap((column, at) =>
      columns.includes(column) && column.type !== "unsupported" ? [at] : [],
    );
    const open: QueryOptions["open"] = () => ({
      columns: kept.flatMap((at) => source.columns[at] ?? []),
      rows: () => source.rows().map((row) => kept.map((at) => row[at] ?? null)),
      search: source.search,
    });
    const parameters = { positional: [], named: new Map<string, never>() };
    const info = { version: "", date: "", hash: "" };
    try {
      return runQuery(text, { parameters, nowMs: options.nowMs, open, info, ...noJoins });
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      throw unsupported(this.#query, 0, `this query (${error.reason.replaceAll("\n", " ")})`);
    }
  }

  /** Fields with several values are refused: the server counts and compares them in other ways. */
  #refuseLists(): void {
    const { source } = this.#parts;
    const places = source.columns.flatMap(({ name }, at) => (this.#used.has(name) ? [at] : []));
    for (const row of source.rows())
      for (const at of places)
        if (Array.isArray(row[at]))
          throw unsupported(
            this.#query,
            0,
            `the field [${source.columns[at]?.name ?? ""}] with several values in SQL`,
          );
  }

  #shaped({ columns, rows, warnings, documents }: Table, outputs: readonly Output[]): SelectTable {
    const places = outputs.map(({ column }) => columns.findIndex(({ name }) => name === column));
    const groupPlaces = this.#select.groups.map(({ column }) =>
      columns.findIndex(({ name }) => name === column),
    );
    for (const row of rows)
      if (groupPlaces.some((at) => (row[at] ?? null) === null))
        throw unsupported(this.#query, 0, "grouping by a field without a value");
    return {
      columns: outputs.map(({ name }, at): Attribute => {
        const type = columns[places[at] ?? -1]?.type ?? "null";
        return { name, type };
      }),
      rows: rows.map((row) => places.map((at): Cell => row[at] ?? null)),
      types: outputs.map(({ type }) => type),
      warnings,
      documents,
    };
  }

  #outputs(operand: Operand | undefined, name: string, isGrouped: boolean): readonly Output[] {
    const { source, options } = this.#parts;
    if (operand !== undefined) return [this.#output(operand, name, isGrouped)];
    if (isGrouped) throw unsupported(this.#query, 0, "* with groups");
    return source.columns
      .filter((column) => column.isHidden !== true && !options.isPart(column.name))
      .map((column) => {
        this.#used.add(column.name);
        return { name: column.name, column: column.name, type: this.#typeOf(column.name, 0) };
      });
  }

  #output(operand: Operand, name: string, isGrouped: boolean): Output {
    const { aggregate, column } = operand;
    if (aggregate === undefined) {
      const known = this.#known(operand);
      const isKey = this.#select.groups.some((group) => group.column === column);
      if (isGrouped && !isKey)
        throw unsupported(this.#query, operand.at, `the column [${known}] beside groups`);
      return { name, column: known, type: this.#typeOf(known, operand.at) };
    }
    const computed = this.#aggregate(operand);
    const own = column === undefined ? "long" : this.#typeOf(column, operand.at);
    const isWhole = ["long", "integer", "short", "byte"].includes(own);
    const type =
      aggregate === "count" || aggregate === "count_distinct"
        ? "long"
        : aggregate === "avg"
          ? "double"
          : aggregate === "sum"
            ? isWhole
              ? "long"
              : "double"
            : own;
    return { name, column: computed, type };
  }

  /** The name under which an aggregate is computed. */
  #aggregate(operand: Operand): string {
    const { aggregate = "", column, at } = operand;
    const type = column === undefined ? "long" : this.#typeOf(this.#known(operand), at);
    const numbers = ["long", "integer", "short", "byte", "double"];
    const isDate = type === "datetime" && (aggregate === "min" || aggregate === "max");
    if (aggregate === "count_distinct" && type === "text")
      throw unsupported(this.#query, at, "COUNT(DISTINCT) of a text");
    if (!aggregate.startsWith("count") && !numbers.includes(type) && !isDate)
      throw unsupported(this.#query, at, `[${aggregate.toUpperCase()}] of the type [${type}]`);
    const text = `${aggregate}(${column === undefined ? "*" : quoted(column)})`;
    const name = this.#aggregates.get(text) ?? `\`=${this.#aggregates.size}\``;
    this.#aggregates.set(text, name);
    return name.slice(1, -1);
  }

  #orderKey(operand: Operand, isGrouped: boolean, outputs: readonly Output[]): string {
    if (operand.aggregate !== undefined) {
      if (!isGrouped) throw unsupported(this.#query, operand.at, "an aggregate without groups");
      return `\`${this.#aggregate(operand)}\``;
    }
    const alias = outputs.find(({ name }) => name === operand.column);
    if (alias !== undefined && !this.#exists(operand.column ?? "")) return quoted(alias.column);
    const isKey = this.#select.groups.some((group) => group.column === operand.column);
    if (isGrouped && !isKey)
      throw unsupported(this.#query, operand.at, `[${operand.text}] in ORDER BY`);
    return this.#plain(operand, "ORDER BY");
  }

  #exists(name: string): boolean {
    const { columns } = this.#parts.source;
    if (this.#computedBy(name) !== undefined) return true;
    return columns.some((column) => column.name === name && column.isHidden !== true);
  }

  /** The name of a column that is there; a failure is noted for another. */
  #known({ column = "", at }: Operand): string {
    const { analysis, source } = this.#parts;
    if (this.#exists(column)) this.#used.add(column);
    else analysis.fail({ start: at }, unknownColumn(column, source.columns));
    return column;
  }

  #typeOf(column: string, at: number): string {
    const computed = this.#computedBy(column);
    if (computed !== undefined) return computed.type;
    const type = this.#exists(column) ? this.#parts.options.typeOf(column) : "null";
    if (type !== undefined) return type;
    throw unsupported(this.#query, at, `the field [${column}] in SQL`);
  }

  /** A column of which whole values are compared, so no text. */
  #plain(operand: Operand, place: string): string {
    const column = this.#known(operand);
    const type = this.#typeOf(column, operand.at);
    if (type === "text")
      throw unsupported(this.#query, operand.at, `the text [${column}] in ${place}`);
    return quoted(column);
  }

  #condition(condition: Condition, isHaving: boolean): string {
    const left = (operand: Operand): string => {
      if (!isHaving) {
        if (operand.aggregate === undefined) return this.#plain(operand, "WHERE");
        throw unsupported(this.#query, operand.at, "an aggregate in WHERE");
      }
      if (operand.aggregate !== undefined) return `\`${this.#aggregate(operand)}\``;
      throw unsupported(this.#query, operand.at, "a column in HAVING");
    };
    switch (condition.kind) {
      case "and":
      case "or":
        return `(${condition.parts
          .map((part) => this.#condition(part, isHaving))
          .join(condition.kind === "and" ? " AND " : " OR ")})`;
      case "not":
        return `NOT (${this.#condition(condition.part, isHaving)})`;
      case "compare":
        return `${left(condition.left)} ${condition.operator} ${
          "type" in condition.right ? ofLiteral(condition.right).text : left(condition.right)
        }`;
      case "in":
        return `${left(condition.left)} IN (${condition.list.map((one) => ofLiteral(one).text).join(", ")})`;
      case "like":
        return condition.isRegexp
          ? `${left(condition.left)} RLIKE ${quotedText(condition.pattern)}`
          : `${left(condition.left)} LIKE ${quotedText(likePattern(condition.pattern))}`;
      case "null":
        return `${left(condition.left)} IS ${condition.isNegated ? "NOT " : ""}NULL`;
      case "match":
        return `match(${quoted(this.#known(condition.left))}, ${quotedText(condition.query)})`;
      case "query":
        return `qstr(${quotedText(condition.query)})`;
    }
  }
}

function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
