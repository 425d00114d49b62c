/** Functions that choose among values, and those of addresses. */
import { cidrRange, ipKey } from "../../values/ip-address.ts";
import { argumentProblem, type Typed } from "../plan/analysis.ts";
import { ofCells, ofSingles } from "../plan/typed.ts";
import { commonNumber, type DataType, isNumeric } from "../values/types.ts";
import { conversionOf, converted } from "./convert.ts";
import { type Cell, isList, type Scalar, valuesOf } from "../values/value.ts";
import { type Call, checkArgument, type FunctionDefinition, takes } from "./definition.ts";
import { greatestOf, leastOf, sameType } from "./multivalues.ts";

const several = "java.lang.IllegalArgumentException: CASE expects a single-valued boolean";

const choose: FunctionDefinition = {
  least: 2,
  most: 1000,
  build(call) {
    const { from, analysis } = call;
    const conditions: Typed[] = [];
    const values: Typed[] = [];
    for (let at = 0; at + 1 < from.length; at += 2) {
      const condition = from[at];
      const value = from[at + 1];
      if (condition === undefined || value === undefined) continue;
      if (!checkArgument(call, at, from.length, takes.boolean)) return undefined;
      conditions.push(condition);
      values.push(value);
    }
    const otherwise = from.length % 2 === 1 ? from.at(-1) : undefined;
    const chosen = ofOneNumber(call, otherwise === undefined ? values : [...values, otherwise]);
    const type = sameType(call, chosen);
    if (type === undefined) return undefined;
    return ofCells(call, type, from, (row): Cell => {
      for (const [at, condition] of conditions.entries()) {
        const holds = condition.evaluate(row);
        if (isList(holds)) analysis.warnings.failed(condition, several, "false");
        else if (holds === true) return chosen[at]?.evaluate(row) ?? null;
      }
      return chosen[conditions.length]?.evaluate(row) ?? null;
    });
  },
};

const coalesce: FunctionDefinition = {
  least: 1,
  most: 1000,
  build(call) {
    const from = ofOneNumber(call);
    const type = sameType(call, from);
    if (type === undefined) return undefined;
    return ofCells(call, type, from, (row): Cell => {
      for (const part of from) {
        const cell = part.evaluate(row);
        if (cell !== null) return cell;
      }
      return null;
    });
  },
};

const orderable: ReadonlySet<DataType> = new Set([
  "null",
  "boolean",
  "double",
  "integer",
  "keyword",
  "text",
  "long",
  "ip",
  "version",
  "datetime",
  "date_nanos",
]);

/** Numbers are brought to the type of the first one, where that holds them. */
function ofOneNumber(call: Call, from: readonly Typed[] = call.from): readonly Typed[] {
  const type = from.find((part) => isNumeric(part.type))?.type;
  if (type === undefined) return from;
  return from.map((part) => {
    if (!isNumeric(part.type) || part.type === type || !holds(type, part.type)) return part;
    const convert = conversionOf(part.type, type);
    return convert === undefined ? part : converted({ ...call, ...part }, part, type, convert);
  });
}

function holds(type: DataType, other: DataType): boolean {
  if (type === "double" || type === "unsigned_long") return type === "double" || other !== "double";
  return commonNumber(type, other) === type;
}

/** The greatest or least of values; null when one is. */
function extreme(
  shownName: string,
  pick: (type: DataType, values: readonly Scalar[]) => Scalar,
): FunctionDefinition {
  return {
    least: 1,
    most: 1000,
    build(call) {
      const from = ofOneNumber(call);
      const type = sameType(call, from);
      if (type === undefined) return undefined;
      if (!orderable.has(type))
        return call.analysis.fail(call, `Cannot use [${type}] with function [${shownName}]`);
      return ofCells(call, type, from, (row): Cell => {
        const cells = from.map((part) => part.evaluate(row));
        if (cells.includes(null)) return null;
        return pick(
          type,
          cells.map((cell) => pick(type, valuesOf(cell))),
        );
      });
    },
  };
}

const cidrMatch: FunctionDefinition = {
  least: 2,
  most: 1000,
  build(call) {
    const { from } = call;
    if (!checkArgument(call, 0, from.length, takes.ip)) return undefined;
    for (let at = 1; at < from.length; at++)
      if (!checkArgument(call, at, from.length, takes.string)) return undefined;
    return ofSingles(call.analysis, call, "boolean", from, (address, ...blocks) =>
      blocks.some((block) => isWithin(call, address as string, block as string)),
    );
  },
};

function isWithin(call: Call, key: string, block: string): boolean {
  const only = block.includes("/") ? undefined : ipKey(block);
  if (only !== undefined) return key === only;
  const range = cidrRange(block);
  if (range === undefined) throw call.analysis.unsupported(call, `the CIDR block [${block}]`);
  return key >= range[0] && key <= range[1];
}

const ipPrefix: FunctionDefinition = {
  least: 3,
  most: 3,
  build(call) {
    if (
      !checkArgument(call, 0, 3, takes.ip) ||
      !checkArgument(call, 1, 3, takes.integer) ||
      !checkArgument(call, 2, 3, takes.integer)
    )
      return undefined;
    return ofSingles(call.analysis, call, "ip", call.from, (address, v4, v6) => {
      const key = address as string;
      const isV4 = key.startsWith("00000000000000000000ffff");
      checkPrefix("v4", v4 as number, 32);
      checkPrefix("v6", v6 as number, 128);
      const bits = isV4 ? 96 + (v4 as number) : (v6 as number);
      const shift = BigInt(128 - bits);
      const prefix = (BigInt(`0x${key}`) >> shift) << shift;
      return prefix.toString(16).padStart(32, "0");
    });
  },
};

function checkPrefix(name: string, length: number, most: number): void {
  if (length >= 0 && length <= most) return;
  throw argumentProblem(`Prefix length ${name} must be in range [0, ${most}], found ${length}`);
}

/** Functions that choose, and those of addresses, by their names. */
export const conditionalFunctions: Readonly<Record<string, FunctionDefinition>> = {
  case: choose,
  cidr_match: cidrMatch,
  coalesce,
  greatest: extreme("Greatest", greatestOf),
  ip_prefix: ipPrefix,
  least: extreme("Least", leastOf),
};
