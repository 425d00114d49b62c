/** Gives expressions their columns and types. */
import { syntaxProblem } from "../syntax/span.ts";
import type { Expression, LiteralValue } from "../syntax/syntax.ts";
import { amountOf } from "../values/amount.ts";
import { castType, type DataType, isAmount, isString } from "../values/types.ts";
import { type Cell, cellOf, isList, type Row, type Scalar } from "../values/value.ts";
import { arithmeticOf, comparison, membership } from "../functions/comparison.ts";
import { castFunction, conversionOf } from "../functions/convert.ts";
import { type Call, checkArgument } from "../functions/definition.ts";
import { findFunction } from "../functions/functions.ts";
import { logic } from "../functions/logic.ts";
import { literalTypes } from "../functions/literal-types.ts";
import { negation } from "../functions/math.ts";
import { parseAmount } from "../values/amount.ts";
import { type Analysis, type Typed, Uncomputable, unknownColumn } from "./analysis.ts";
import { aggregateNames, checkCount, refuseFunction } from "./function-names.ts";
import { bothNumbers, matchFields, matchQuery, phraseFields } from "./full-text.ts";
import { likePattern } from "./like.ts";
import {
  pushedCall,
  pushedComparison,
  pushedMembership,
  pushedNegation,
  pushedNullTest,
  pushedPatterns,
} from "./pushed.ts";
import type { Surroundings } from "./surroundings.ts";
import { constant, constantValue, ofCells, ofSingles } from "./typed.ts";

/** Types one expression; `undefined` after a failure, which is noted. */
export function typeExpression(
  analysis: Analysis,
  expression: Expression,
  around: Surroundings,
): Typed | undefined {
  return new Typing(analysis, around).type(expression);
}

class Typing {
  readonly #analysis: Analysis;
  readonly #around: Surroundings;

  constructor(analysis: Analysis, around: Surroundings) {
    this.#analysis = analysis;
    this.#around = around;
  }

  type(expression: Expression): Typed | undefined {
    const typed = this.#typed(expression);
    if (typed?.isConstant === true && typed.isLiteral !== true) this.#analysis.addConstant(typed);
    return typed;
  }

  #typed(expression: Expression): Typed | undefined {
    switch (expression.kind) {
      case "literal":
        return this.#literal(expression, expression.value);
      case "list":
        return this.#list(expression);
      case "column":
        return this.#column(expression);
      case "call":
        return this.#call(expression);
      case "binary":
        return this.#binary(expression);
      case "not":
        return this.#not(expression);
      case "negate": {
        const operand = this.type(expression.operand);
        const call = this.#origin(expression, "-", operand === undefined ? [] : [operand]);
        return operand === undefined ? undefined : negation(this.#analysis, call, operand);
      }
      case "isNull": {
        const operand = this.type(expression.operand);
        if (operand === undefined) return undefined;
        const { isNegated } = expression;
        const origin = this.#origin(expression, "is null", []);
        const typed = ofCells(
          origin,
          "boolean",
          [operand],
          (row) => (operand.evaluate(row) === null) !== isNegated,
        );
        return pushedNullTest(typed, operand);
      }
      case "in":
        return this.#in(expression);
      case "like":
        return this.#like(expression);
      case "cast":
        return this.#cast(expression);
      case "match":
        return this.#match(expression, expression.field, expression.query, ":");
    }
  }

  /** Types several; all of their failures are noted. */
  #all(expressions: readonly Expression[]): Typed[] | undefined {
    const typed = expressions.map((part) => this.type(part));
    return typed.every((part) => part !== undefined) ? typed : undefined;
  }

  #origin(expression: Expression, name: string, from: readonly Typed[]): Call {
    const { start, end } = expression;
    const analysis = this.#analysis;
    const text = analysis.textOf(expression);
    const options = expression.kind === "call" ? expression.options : undefined;
    return { start, end, text, name, from, analysis, options };
  }

  #literal(expression: Expression, value: LiteralValue): Typed {
    const origin = this.#origin(expression, "", []);
    const of = (type: DataType, cell: Cell): Typed => ({
      ...constant(origin, type, cell),
      isLiteral: true,
    });
    if (value.type === "null") return of("null", null);
    if (value.type !== "period") return of(value.type, value.value);
    const made = amountOf(value.count, value.unit);
    if (made !== undefined) return of(made.type, made.amount);
    const message = `Unexpected temporal unit: '${value.unit}'`;
    throw syntaxProblem(this.#analysis.query, expression.start, message);
  }

  #list(expression: Extract<Expression, { kind: "list" }>): Typed | undefined {
    const items = this.#all(expression.items);
    if (items === undefined) return undefined;
    const types = new Set(items.map(({ type }) => type));
    const order: readonly DataType[] = ["integer", "long", "unsigned_long", "double"];
    const widest = order.findLast((type) => types.has(type));
    const [first = "null"] = types;
    if (types.size > 1 && [...types].some((type) => !order.includes(type)))
      throw this.#analysis.unsupported(expression, "a list of different types");
    if (types.has("unsigned_long") && types.has("double"))
      throw this.#analysis.unsupported(expression, "a list of different types");
    const type = widest ?? first;
    const values: Scalar[] = [];
    for (const item of items) {
      const cell = constantValue(item);
      if (cell === null || isList(cell)) continue;
      const convert = item.type === type ? undefined : conversionOf(item.type, type);
      values.push(convert === undefined ? cell : convert(cell));
    }
    return { ...constant(this.#origin(expression, "", []), type, cellOf(values)), isLiteral: true };
  }

  #column(expression: Extract<Expression, { kind: "column" }>): Typed | undefined {
    const { columns } = this.#around;
    const { name } = expression;
    const at = columns.findIndex((column) => column.name === name && column.isHidden !== true);
    const attribute = columns[at];
    if (attribute === undefined)
      return this.#analysis.fail(expression, unknownColumn(name, columns));
    const { type, originalTypes = [] } = attribute;
    if (type === "unsupported") {
      const types = originalTypes.join(",");
      if (originalTypes.length > 1)
        throw this.#analysis.unsupported(expression, `a field of several types [${types}]`);
      return this.#analysis.fail(
        expression,
        `Cannot use field [${name}] with unsupported type [${types}]`,
      );
    }
    const origin = this.#origin(expression, "", []);
    return {
      ...ofCells(origin, type, [], (row) => row[at] ?? null),
      isConstant: false,
      evaluate: (row) => row[at] ?? null,
      attribute,
    };
  }

  #call(expression: Extract<Expression, { kind: "call" }>): Typed | undefined {
    const { name } = expression;
    const { aggregate, bucket } = this.#around;
    const analysis = this.#analysis;
    if (aggregateNames.has(name)) {
      if (aggregate !== undefined) return aggregate(expression);
      const text = analysis.textOf(expression);
      return analysis.fail(
        expression,
        `aggregate function [${text}] not allowed outside STATS command`,
      );
    }
    if (name === "match" || name === "match_phrase") {
      const [field, query, extra] = expression.from;
      if (extra === undefined && field !== undefined && query !== undefined)
        return this.#match(expression, field, query, name);
    }
    if (name === "qstr") return this.#queryString(expression);
    if (name === "bucket" || name === "bin") {
      const from = this.#all(expression.from);
      if (from === undefined) return undefined;
      if (bucket === undefined)
        throw analysis.unsupported(expression, "BUCKET outside of the BY of STATS");
      return bucket(this.#origin(expression, name, from));
    }
    const definition = findFunction(name);
    if (definition === undefined) return refuseFunction(analysis, expression);
    if (expression.isStar || expression.options !== undefined)
      throw analysis.unsupported(expression, `this form of the function [${name}]`);
    checkCount(analysis, expression, definition);
    const from = this.#all(expression.from);
    if (from === undefined) return undefined;
    // Behind the last known type, the one of the text before counts, as in the server.
    const types = literalTypes(name);
    let type: DataType | undefined;
    const read = from.map((argument, at) => {
      if (argument.type !== "keyword" || argument.isLiteral !== true) return argument;
      if (at < types.length) type = types[at];
      return type === undefined ? argument : this.#readLiteral(argument, type);
    });
    if (read.some((argument) => argument === undefined)) return undefined;
    const arguments_ = read.filter((argument) => argument !== undefined);
    const typed = definition.build(this.#origin(expression, name, arguments_));
    return pushedCall(typed, name, arguments_, this.#around);
  }

  /** A text in the query that stands for a value of another type; `undefined` after a failure. */
  #readLiteral(typed: Typed, type: DataType): Typed | undefined {
    if (typed.type !== "keyword" || typed.isLiteral !== true) return typed;
    const value = constantValue(typed);
    if (typeof value !== "string")
      throw this.#analysis.unsupported(typed, `reading a list of texts as [${type}]`);
    if (type === "date_period" || type === "time_duration") {
      for (const kind of ["date_period", "time_duration"] as const) {
        const amount = parseAmount(value, kind);
        if (amount !== undefined) return { ...constant(typed, kind, amount), isLiteral: true };
      }
      if (!/^\s*-?\d+\s+\S+\s*$/.test(value)) return typed;
      throw this.#analysis.unsupported(typed, `the amount of time [${value}]`);
    }
    const convert = conversionOf("keyword", type);
    try {
      if (convert !== undefined)
        return { ...constant(typed, type, convert(value)), isLiteral: true };
    } catch (error) {
      if (!(error instanceof Uncomputable)) throw error;
      const shown = type.toUpperCase();
      return this.#unreadable(typed, value, shown, error.message.replace(/^[\w.$]+: /, ""));
    }
    return typed;
  }

  #unreadable(typed: Typed, value: string, type: string, why: string): undefined {
    return this.#analysis.fail(
      typed,
      `Cannot convert string [${value}] to [${type}], error [${why}]`,
    );
  }

  #binary(expression: Extract<Expression, { kind: "binary" }>): Typed | undefined {
    const { operator } = expression;
    const both = this.#all([expression.left, expression.right]);
    const [left, right] = both ?? [];
    if (left === undefined || right === undefined) return undefined;
    if (operator === "and" || operator === "or")
      return logic(this.#origin(expression, operator, [left, right]), left, right);
    const isArithmetic = "+-*/%".includes(operator);
    const isAdditive = operator === "+" || operator === "-";
    const a = this.#besides(left, right.type, isAdditive);
    const b = this.#besides(right, left.type, isAdditive);
    if (a === undefined || b === undefined) return undefined;
    const call = this.#origin(expression, operator, [a, b]);
    if (isArithmetic) return arithmeticOf(call, operator as "+");
    return pushedComparison(comparison(call, operator), operator, a, b, this.#around);
  }

  /** A text in the query beside a value of another type is read as one of its type. */
  #besides(typed: Typed, other: DataType, isAdditive: boolean): Typed | undefined {
    if (isAdditive && isAmount(other)) return this.#readLiteral(typed, "datetime");
    const readable: readonly DataType[] = ["datetime", "date_nanos", "ip", "version", "boolean"];
    return readable.includes(other) ? this.#readLiteral(typed, other) : typed;
  }

  #not(expression: Extract<Expression, { kind: "not" }>): Typed | undefined {
    const operand = this.type(expression.operand);
    if (operand === undefined) return undefined;
    const origin = this.#origin(expression, "not", []);
    if (operand.type !== "boolean" && operand.type !== "null") {
      const name = operand.attribute?.name ?? operand.text;
      return this.#analysis.fail(
        expression,
        `argument of [${origin.text}] must be [boolean], found value [${name}] type [${operand.type}]`,
      );
    }
    const typed = ofSingles(
      this.#analysis,
      origin,
      "boolean",
      [operand],
      (value) => value !== true,
    );
    return pushedNegation(this.#analysis, typed, operand);
  }

  #in(expression: Extract<Expression, { kind: "in" }>): Typed | undefined {
    const all = this.#all([expression.operand, ...expression.list]);
    const [value, ...list] = all ?? [];
    if (value === undefined) return undefined;
    const read = list.map((item) => this.#besides(item, value.type, false));
    if (read.some((item) => item === undefined)) return undefined;
    const items = read.filter((item) => item !== undefined);
    const typed = membership(this.#origin(expression, "in", [value, ...items]));
    return pushedMembership(typed, value, items, this.#around);
  }

  #like(expression: Extract<Expression, { kind: "like" }>): Typed | undefined {
    const operand = this.type(expression.operand);
    if (operand === undefined) return undefined;
    const origin = this.#origin(expression, "like", []);
    if (!isString(operand.type) && operand.type !== "null") {
      const name = operand.attribute?.name ?? operand.text;
      return this.#analysis.fail(
        expression,
        `argument of [${origin.text}] must be [string], found value [${name}] type [${operand.type}]`,
      );
    }
    const tests = expression.patterns.map((pattern) =>
      likePattern(this.#analysis, expression, pattern, expression.isRegexp),
    );
    const typed = ofSingles(this.#analysis, origin, "boolean", [operand], (text) =>
      tests.some((test) => test(text as string)),
    );
    const kind = expression.isRegexp ? "regexp" : "wildcard";
    return pushedPatterns(typed, operand, kind, expression.patterns, this.#around);
  }

  #cast(expression: Extract<Expression, { kind: "cast" }>): Typed | undefined {
    const type = castType(expression.type);
    if (expression.type === "text")
      throw syntaxProblem(
        this.#analysis.query,
        expression.start,
        "Unsupported conversion to type [TEXT]",
      );
    if (type === undefined) {
      const message = `Unknown data type named [${expression.type}]`;
      throw syntaxProblem(this.#analysis.query, expression.typeAt, message);
    }
    const operand = this.type(expression.operand);
    if (operand === undefined) return undefined;
    return castFunction(type).build(this.#origin(expression, expression.type, [operand]));
  }

  #match(
    expression: Expression,
    field: Expression,
    query: Expression,
    name: string,
  ): Typed | undefined {
    const both = this.#all([field, query]);
    const [column, text] = both ?? [];
    if (column === undefined || text === undefined) return undefined;
    const call = this.#origin(expression, name, [column, text]);
    const isPhrase = name === "match_phrase";
    if (!checkArgument(call, 0, 2, isPhrase ? phraseFields : matchFields)) return undefined;
    if (isString(column.type) && !isString(text.type) && text.type !== "null")
      return this.#analysis.fail(
        expression,
        `first argument of [${call.text}] is [${column.type}] so second argument must also be [${column.type}] but was [${text.type}]`,
      );
    const path = column.attribute?.field;
    const wanted = path !== undefined && text.isLiteral === true ? constantValue(text) : null;
    if (path === undefined || wanted === null || isList(wanted) || typeof wanted === "object")
      throw this.#analysis.unsupported(expression, "matching this field with this query");
    if (text.type !== column.type && !isString(text.type) && !bothNumbers(column, text))
      throw this.#analysis.unsupported(expression, "matching this field with this query");
    return this.#documents(expression, matchQuery(call, path, wanted));
  }

  #queryString(expression: Extract<Expression, { kind: "call" }>): Typed | undefined {
    const [text, extra] = this.#all(expression.from) ?? [];
    if (text === undefined) return undefined;
    const query = text.isConstant ? constantValue(text) : null;
    if (typeof query !== "string" || extra !== undefined || expression.options !== undefined)
      throw this.#analysis.unsupported(expression, "this form of the function [qstr]");
    return this.#documents(expression, { query_string: { query } });
  }

  #documents(expression: Expression, query: Record<string, unknown>): Typed | undefined {
    const { columns, search, isCondition = false } = this.#around;
    if (!isCondition) {
      const name =
        expression.kind === "call" ? `[${expression.name.toUpperCase()}] function` : "[:] operator";
      const places = "WHERE and STATS commands or in EVAL within score(.) function";
      return this.#analysis.fail(expression, `${name} is only supported in ${places}`);
    }
    const at = columns.findIndex((column) => column.isHidden === true);
    if (search === undefined || at < 0)
      throw this.#analysis.unsupported(expression, "a full text search here");
    const fits = search(query);
    const origin = this.#origin(expression, "match", []);
    const typed = ofCells(origin, "boolean", [], (row) => fits(row[at] as number));
    const evaluate = (row: Row): boolean => fits(row[at] as number);
    return { ...typed, isConstant: false, evaluate, pushed: { fits: evaluate, evaluate } };
  }
}
