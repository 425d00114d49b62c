/** Runs a SELECT as ES|QL. */
import { EsError } from "../es-error.ts";
import { Analysis, unknownColumn } from "../esql/plan/analysis.ts";
import { type QueryOptions, runQuery, type Source, type Table } from "../esql/plan/query.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { JsonObject } from "../json/json-value.ts";
import { writeAggregate } from "./aggregates.ts";
import { resolved, resolvedCondition } from "./resolved.ts";
import type { Condition, Operand, Scalar, Select } from "./select.ts";
import { type SelectOptions, type SelectTable, sourceOf } from "./select-options.ts";
import { type Output, shaped } from "./shape.ts";
import { quotedName, type Written } from "./write.ts";
import { writeCondition } from "./write-condition.ts";
import { writeScalar } from "./written.ts";

/**
 * Runs a SELECT.
 *
 * @throws {EsError} 400 for columns and indices that there are none of, and for what is not covered
 */
export function runSelect(query: string, select: Select, options: SelectOptions): SelectTable {
  const analysis = new Analysis(query, options.nowMs);
  const source = sourceOf(select, options, analysis);
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
  const source = sourceOf(select, options, analysis);
  const parts = { analysis, source, options: { ...options, maxRows: 0 } };
  return new Translation(query, select, parts).body(size);
}

/** A computed value, under the name that it has in ES|QL. */
interface Computed extends Written {
  readonly name: string;
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
  /** Aggregates by their texts in ES|QL. */
  readonly #aggregates = new Map<string, Computed>();
  readonly #used = new Set<string>();
  /** What is computed for each row, by what it is in ES|QL. */
  readonly #computed = new Map<string, Computed>();
  /** What is computed of aggregates. */
  readonly #late = new Map<string, Computed>();

  constructor(query: string, select: Select, parts: Parts) {
    this.#query = query;
    this.#parts = parts;
    this.#select = resolved(select, {
      compute: (scalar, named) => this.#compute(scalar, named),
      exists: (name) => this.#exists(name),
      unqualified: (name) => this.#unqualified(name, select.table?.alias),
    });
  }

  #unqualified(name: string, table: string | undefined): string {
    const isQualified = table !== undefined && name.startsWith(`${table}.`);
    return isQualified && !this.#exists(name) ? name.slice(table.length + 1) : name;
  }

  /** The name of the column that an expression becomes. */
  #compute(scalar: Scalar, named?: (name: string) => Operand | undefined): string {
    let isLate = false;
    let isEarly = false;
    const aggregate = (operand: Operand): Written => {
      isLate = true;
      const inner = operand.scalar === undefined ? operand.column : this.#compute(operand.scalar);
      const { name, type } = this.#aggregate({ ...operand, column: inner, scalar: undefined });
      return { text: quotedName(name), type };
    };
    const written = writeScalar(scalar, {
      query: this.#query,
      column: (given, at) => {
        const item = named?.(given);
        if (item?.aggregate !== undefined) return aggregate(item);
        const late = [...this.#late.values()].find(({ name }) => name === item?.column);
        isLate ||= late !== undefined;
        if (late !== undefined) return { text: quotedName(late.name), type: late.type };
        isEarly = true;
        const column = this.#unqualified(given, this.#select?.table?.alias);
        const operand = { at, aggregate: undefined, column, text: column };
        const text = this.#plain(operand, "an expression");
        const type = this.#typeOf(column, at);
        return { text, type: type === "text" ? "keyword" : type };
      },
      aggregate,
      condition: (condition) => {
        const compute = (given: Operand): Operand =>
          given.scalar === undefined
            ? given
            : { ...given, column: this.#compute(given.scalar), scalar: undefined };
        return this.#condition(resolvedCondition(condition, compute), false);
      },
    });
    if (written.type === "interval")
      throw unsupported(this.#query, scalar.at, "an interval by itself");
    if (isLate && isEarly)
      throw unsupported(this.#query, scalar.at, "an expression of columns and aggregates");
    const all = isLate ? this.#late : this.#computed;
    const known = all.get(written.text);
    const found = known ?? { ...written, name: `=${isLate ? "l" : "s"}${all.size}` };
    all.set(written.text, found);
    return found.name;
  }

  #computedBy(name: string): Computed | undefined {
    return [...this.#computed.values(), ...this.#late.values()].find((one) => one.name === name);
  }

  #isLate(name: string | undefined): boolean {
    return [...this.#late.values()].some((late) => late.name === name);
  }

  run(): SelectTable {
    const { items, where, groups, having, orders, limit } = this.#select;
    const { analysis, options } = this.#parts;
    const isGrouped =
      groups.length > 0 ||
      items.some(
        ({ operand }) => operand?.aggregate !== undefined || this.#isLate(operand?.column),
      );
    const filter = where === undefined ? "" : ` | WHERE ${this.#condition(where, false)}`;
    const keys = groups.map((group) => this.#groupKey(group));
    const outputs = items.flatMap(({ operand, name }) => this.#outputs(operand, name, isGrouped));
    const after = having === undefined ? "" : ` | WHERE ${this.#condition(having, true)}`;
    if (having !== undefined && !isGrouped)
      throw unsupported(this.#query, having.at, "HAVING without groups");
    const sorts = orders.map(({ operand, isDescending, nullsFirst }) => {
      const key = this.#orderKey(operand, isGrouped, outputs);
      // What has no value is the least of the groups, and elsewhere the greatest.
      const isKey = keys.includes(key);
      const isFirst = nullsFirst ?? (isKey ? !isDescending : isDescending);
      return `${key} ${isDescending ? "DESC" : "ASC"} NULLS ${isFirst ? "FIRST" : "LAST"}`;
    });
    if (isGrouped) sorts.push(...keys.map((key) => `${key} ASC NULLS FIRST`));
    analysis.check();
    this.#refuseLists();
    const count = Math.min(limit ?? Infinity, options.maxRows + 1);
    const text =
      `FROM t${evaluation(this.#computed)}${filter}` +
      `${isGrouped ? this.#stats(keys) + evaluation(this.#late) : ""}${after}` +
      `${sorts.length === 0 ? "" : ` | SORT ${sorts.join(", ")}`} | LIMIT ${count}`;
    const table = this.#run(text);
    // What ES|QL warns of is an error in SQL, or has another value.
    const [warning] = table.warnings;
    if (warning !== undefined) throw unsupported(this.#query, 0, `this query (${warning})`);
    if (table.rows.length > options.maxRows)
      throw unsupported(this.#query, 0, `a result of more than ${options.maxRows} rows`);
    return shaped(table, outputs);
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
      const missing = (nullsFirst ?? isDescending) ? "_first" : "_last";
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

  /** What is grouped by; floats would be shown as the doubles that aggregations make of them. */
  #groupKey(group: Operand): string {
    const key = this.#plain(group, "GROUP BY");
    const type = this.#typeOf(group.column ?? "", group.at);
    if (type === "float" || type === "scaled_float")
      throw unsupported(this.#query, group.at, `GROUP BY of the type [${type}]`);
    return key;
  }

  #stats(keys: readonly string[]): string {
    const computed = [...this.#aggregates.values()].map(
      ({ name, text }) => `${quotedName(name)} = ${text}`,
    );
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
    const { aggregate, column, at } = operand;
    if (aggregate !== undefined) {
      const found = this.#aggregate(operand);
      return { name, column: found.name, type: found.type };
    }
    const known = this.#known(operand);
    const type = this.#typeOf(known, at);
    if (!isGrouped || this.#isLate(column)) return { name, column: known, type };
    const isKey = this.#select.groups.some((group) => group.column === column);
    if (!isKey) throw unsupported(this.#query, at, `the column [${known}] beside groups`);
    return { name, column: this.#exact(known), type };
  }

  /** What an aggregate becomes. */
  #aggregate(operand: Operand): Computed {
    const { aggregate = "", column, at, percent } = operand;
    const type = column === undefined ? "long" : this.#typeOf(this.#known(operand), at);
    const exact = column === undefined ? undefined : this.#exact(column);
    const isExact = type === "text" && exact !== column;
    const value =
      exact === undefined
        ? undefined
        : { text: quotedName(exact), type: isExact ? "keyword" : type };
    if (exact !== undefined) this.#used.add(exact);
    const written = writeAggregate(aggregate, value, percent);
    if (written === undefined)
      throw unsupported(this.#query, at, `[${aggregate.toUpperCase()}] of the type [${type}]`);
    const known = this.#aggregates.get(written.text);
    const found = known ?? { ...written, name: `=${this.#aggregates.size}` };
    this.#aggregates.set(written.text, found);
    return found;
  }

  #orderKey(operand: Operand, isGrouped: boolean, outputs: readonly Output[]): string {
    if (operand.aggregate !== undefined) {
      if (!isGrouped) throw unsupported(this.#query, operand.at, "an aggregate without groups");
      return quotedName(this.#aggregate(operand).name);
    }
    if (this.#isLate(operand.column)) return quotedName(operand.column ?? "");
    const alias = outputs.find(({ name }) => name === operand.column);
    if (alias !== undefined && !this.#exists(operand.column ?? "")) return quotedName(alias.column);
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
    const exact = this.#exact(column);
    if (type === "text" && exact === column)
      throw unsupported(this.#query, operand.at, `the text [${column}] in ${place}`);
    this.#used.add(exact);
    return quotedName(exact);
  }

  /** The keyword beside a text, or the column itself. */
  #exact(column: string): string {
    if (this.#computedBy(column) !== undefined) return column;
    return this.#parts.options.exactOf(column) ?? column;
  }

  #condition(condition: Condition, isHaving: boolean): string {
    const value = (operand: Operand): string => {
      const { aggregate, column, at } = operand;
      if (!isHaving) {
        if (aggregate === undefined && !this.#isLate(column)) return this.#plain(operand, "WHERE");
        throw unsupported(this.#query, at, "an aggregate in WHERE");
      }
      if (aggregate !== undefined) return quotedName(this.#aggregate(operand).name);
      if (column !== undefined && this.#isLate(column)) return quotedName(column);
      throw unsupported(this.#query, at, "a column in HAVING");
    };
    return writeCondition(condition, {
      value,
      field: (operand) => quotedName(this.#known(operand)),
    });
  }
}

function evaluation(computed: ReadonlyMap<string, Computed>): string {
  const fields = [...computed.values()].map(({ name, text }) => `${quotedName(name)} = ${text}`);
  return fields.length === 0 ? "" : ` | EVAL ${fields.join(", ")}`;
}
