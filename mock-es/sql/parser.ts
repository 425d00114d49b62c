/** Parses the simple selects of SQL; everything else is refused with its place. */
import { unsupported } from "../esql/syntax/span.ts";
import type { LiteralValue } from "../esql/syntax/syntax.ts";
import { SqlExpressions } from "./expression-parser.ts";
import type { Operand, Select, SelectItem } from "./select.ts";

/**
 * Parses a SELECT.
 *
 * @param parameters values of the `?`, one after the other
 * @throws {EsError} 400 that names the place, for what is not covered
 */
export function parseSelect(query: string, parameters: readonly LiteralValue[]): Select {
  return new SqlParser(query, parameters).select();
}

class SqlParser extends SqlExpressions {
  select(): Select {
    this.expectWord("select");
    const top = this.acceptWord("top") ? this.whole() : undefined;
    const distinctAt = this.peek().at;
    const isDistinct = this.acceptWord("distinct");
    const items = [this.#item()];
    while (this.accept(",")) items.push(this.#item());
    const table = this.acceptWord("from") ? this.#table() : undefined;
    const where = this.acceptWord("where") ? this.condition() : undefined;
    const groups: Operand[] = [];
    if (this.acceptWord("group")) {
      this.expectWord("by");
      do groups.push(this.operand());
      while (this.accept(","));
    }
    if (isDistinct) {
      const columns = items.flatMap(({ operand }) => operand ?? []);
      const isPlain = columns.every(({ aggregate }) => aggregate === undefined);
      if (groups.length > 0 || columns.length < items.length || !isPlain)
        throw unsupported(this.query, distinctAt, "[DISTINCT] of anything but columns");
      groups.push(...columns);
    }
    const having = this.acceptWord("having") ? this.condition() : undefined;
    const orders: Select["orders"][number][] = [];
    if (this.acceptWord("order")) {
      this.expectWord("by");
      do orders.push(this.#order());
      while (this.accept(","));
    }
    if (top !== undefined && this.peek().text.toLowerCase() === "limit") throw this.refuse();
    const limit = this.acceptWord("limit") ? this.whole() : top;
    this.accept(";");
    if (this.peek().kind !== "end") throw this.refuse();
    return { items, table, where, groups, having, orders, limit };
  }

  #item(): SelectItem {
    if (this.accept("*")) return { operand: undefined, name: "*" };
    const operand = this.operand();
    if (this.acceptWord("as")) return { operand, name: this.name().text };
    return { operand, name: this.isAlias() ? this.name().text : operand.text };
  }

  #table(): Select["table"] {
    const { at } = this.peek();
    const parts = [this.name().text];
    while (this.accept(".")) parts.push(this.name().text);
    const name = parts.join(".");
    if (!this.acceptWord("as") && !this.isAlias()) return { name, at, alias: name };
    return { name, at, alias: this.name().text };
  }

  #order(): Select["orders"][number] {
    const operand = this.operand();
    const isDescending = this.acceptWord("desc");
    if (!isDescending) this.acceptWord("asc");
    if (!this.acceptWord("nulls")) return { operand, isDescending, nullsFirst: undefined };
    const nullsFirst = this.acceptWord("first");
    if (!nullsFirst) this.expectWord("last");
    return { operand, isDescending, nullsFirst };
  }
}
