/** Selects without computed values: each becomes a column. */
import type { Condition, Operand, Scalar, Select, SelectItem } from "./select.ts";

/** Gives a computed value the name of a column. */
export type Compute = (scalar: Scalar) => string;

/** A select of which every operand is a column or an aggregate of one. */
export function resolved(
  select: Select,
  compute: Compute,
  exists: (name: string) => boolean,
): Select {
  const operand = (given: Operand): Operand =>
    given.scalar === undefined
      ? given
      : { ...given, column: compute(given.scalar), scalar: undefined };
  const items = select.items.map((item): SelectItem => ({
    ...item,
    operand: item.operand && operand(item.operand),
  }));
  /** By its number, or by the name of an item that is no column of the table. */
  const ofItems = (given: Operand): Operand => {
    const { scalar, column, aggregate } = given;
    if (scalar?.kind === "literal" && scalar.value.type === "integer")
      return items[scalar.value.value - 1]?.operand ?? operand(given);
    if (aggregate !== undefined || column === undefined || exists(column)) return operand(given);
    const item = items.find(({ name }) => name === column)?.operand;
    return item === undefined || item.aggregate !== undefined ? operand(given) : item;
  };
  return {
    ...select,
    items,
    where: select.where && resolvedCondition(select.where, operand),
    groups: select.groups.map(ofItems),
    having: select.having && resolvedCondition(select.having, operand),
    orders: select.orders.map((order) => ({ ...order, operand: ofItems(order.operand) })),
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
