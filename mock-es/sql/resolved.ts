/** Selects without computed values: each becomes a column. */
import type { Condition, Operand, Scalar, Select, SelectItem } from "./select.ts";

/** What a select is resolved with. */
export interface Resolving {
  /**
   * Gives a computed value the name of a column.
   *
   * @param named what an item of the select stands for, by its name
   */
  readonly compute: (scalar: Scalar, named?: (name: string) => Operand | undefined) => string;
  readonly exists: (name: string) => boolean;
  /** The name of a column without that of its table. */
  readonly unqualified: (name: string) => string;
}

/** A select of which every operand is a column or an aggregate of one. */
export function resolved(select: Select, { compute, exists, unqualified }: Resolving): Select {
  const operand = (given: Operand): Operand => {
    const { scalar, column } = given;
    if (scalar !== undefined) return { ...given, column: compute(scalar), scalar: undefined };
    return column === undefined ? given : { ...given, column: unqualified(column) };
  };
  const items = select.items.map((item): SelectItem => ({
    name: item.name === item.operand?.column ? unqualified(item.name) : item.name,
    operand: item.operand && operand(item.operand),
  }));
  const named = (name: string): Operand | undefined =>
    exists(unqualified(name)) ? undefined : items.find((item) => item.name === name)?.operand;
  /** In HAVING names of items stand for them. */
  const ofNames = (given: Operand): Operand => {
    const { scalar, column, aggregate } = given;
    if (scalar !== undefined && aggregate === undefined)
      return { ...given, column: compute(scalar, named), scalar: undefined };
    const item = aggregate === undefined && column !== undefined ? named(column) : undefined;
    return item === undefined ? operand(given) : { ...item, at: given.at };
  };
  /** By its number, or by the name of an item that is no column of the table. */
  const ofItems = (given: Operand): Operand => {
    const { scalar, column, aggregate } = given;
    if (scalar?.kind === "literal" && scalar.value.type === "integer")
      return items[scalar.value.value - 1]?.operand ?? operand(given);
    if (aggregate !== undefined || column === undefined) return operand(given);
    return named(column) ?? operand(given);
  };
  /** In ORDER BY the name of an item hides a column. */
  const ofOutputs = (given: Operand): Operand => {
    const { scalar, column } = given;
    const item = scalar === undefined ? items.find(({ name }) => name === column) : undefined;
    return item?.operand === undefined ? ofItems(given) : { ...item.operand, at: given.at };
  };
  return {
    ...select,
    items,
    where: select.where && resolvedCondition(select.where, operand),
    groups: select.groups.map(ofItems),
    having: select.having && resolvedCondition(select.having, ofNames),
    orders: select.orders.map((order) => ({ ...order, operand: ofOutputs(order.operand) })),
  };
}

/** A condition of which every operand is a column or an aggregate of one. */
export function resolvedCondition(
  condition: Condition,
  operand: (given: Operand) => Operand,
): Condition {
  switch (condition.kind) {
    case "and":
    case "or":
      return {
        ...condition,
        parts: condition.parts.map((part) => resolvedCondition(part, operand)),
      };
    case "not":
      return { ...condition, part: resolvedCondition(condition.part, operand) };
    case "compare": {
      const { left, right } = condition;
      return {
        ...condition,
        left: operand(left),
        right: "type" in right ? right : operand(right),
      };
    }
    case "query":
      return condition;
    default:
      return { ...condition, left: operand(condition.left) };
  }
}
