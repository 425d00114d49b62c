/** Conditions with a list behind an operator: `in`, `:`, `like` and `regex`. */
import { checkType, compileValue, constantOf, isConstant } from "./compile-value.ts";
import type { Surroundings } from "./compile-value.ts";
import type { Condition } from "./condition.ts";
import { hasWildcard, regexpTest, wildcardTest, wildcardValue } from "./patterns.ts";
import type { Constant, Expression } from "./syntax.ts";
import type { Value } from "./values.ts";

type List = Extract<Expression, { kind: "list" }>;

/** Compiles such a condition. @throws {EsError} 400 with the place of what is wrong */
export function compileList(list: List, around: Surroundings): Condition {
  const { operator, items } = list;
  const value = compileValue(list.operand, around);
  const constants = items.map((item) => constantItem(list, item, around));
  if (operator === "in") return within(list, value, constants, around);
  checkType(value, "string", list, operator === ":" ? "first argument " : "", around);
  const texts = constants.map((constant) => {
    checkType(constant, "string", list, "second argument ", around);
    return constantOf(constant);
  });
  if (texts.includes(null)) throw around.problems.unsupported(list.start, "null in a list of EQL");
  const patterns = texts.map(String);
  const ignoresCase = operator === ":" || operator.endsWith("~");
  if (operator.startsWith("regex")) return regular(list, value, patterns, ignoresCase, around);
  const isPattern = !operator.startsWith("in");
  const { field } = value;
  if (field !== undefined && !isConstant(value))
    return {
      kind: "or",
      parts: patterns.map((pattern) =>
        matching(field, pattern, ignoresCase, isPattern && hasWildcard(pattern)),
      ),
    };
  const tests = patterns.map((pattern) => {
    if (isPattern && hasWildcard(pattern)) return wildcardTest(pattern, ignoresCase);
    if (!ignoresCase) return (text: string) => text === pattern;
    const lower = pattern.toLowerCase();
    return (text: string) => text.toLowerCase() === lower;
  });
  return computed(value, (text) => tests.some((test) => test(text)));
}

/** What documents have in a field, as it stands or by a pattern. */
export function matching(
  field: string,
  pattern: string,
  ignoresCase: boolean,
  isPattern: boolean,
): Condition {
  const extra = ignoresCase ? { case_insensitive: true } : {};
  const query = isPattern
    ? { wildcard: { [field]: { value: wildcardValue(pattern), ...extra } } }
    : { term: { [field]: { value: pattern, ...extra } } };
  return { kind: "query", query };
}

function constantItem(list: List, item: Expression, around: Surroundings): Value {
  const value = compileValue(item, around);
  if (isConstant(value)) return value;
  const { problems } = around;
  const reason = "Comparisons against fields are not (currently) supported";
  const offender = `offender [${problems.textOf(item)}] in [${problems.textOf(list)}]`;
  throw problems.verification(list.start, `${reason}; ${offender}`);
}

function within(
  list: List,
  value: Value,
  constants: readonly Value[],
  around: Surroundings,
): Condition {
  const { problems } = around;
  checkType(value, "any", list, "first argument ", around);
  for (const [at, constant] of constants.entries()) {
    if (constant.type === "null" || value.type === "null") continue;
    if (familyOf(value) === familyOf(constant)) continue;
    if ((value.type === "date" || value.type === "ip") && constant.type === "string") continue;
    const shown = `found value [${problems.textOf(constant.expression)}] type [${constant.typeName}]`;
    const argument = `${nth(at + 1)} argument of [${problems.textOf(list)}]`;
    throw problems.verification(list.start, `${argument} must be [${value.typeName}], ${shown}`);
  }
  const values = constants.map(constantOf).filter((constant) => constant !== null);
  if (value.type === "null") return { kind: "constant", value: false };
  const { field } = value;
  if (field !== undefined) return { kind: "query", query: { terms: { [field]: values } } };
  const wanted = new Set<Constant>(values);
  return { kind: "computed", uses: value.uses, test: (read) => wanted.has(value.read(read)) };
}

function familyOf({ type }: Value): string {
  return type === "decimal" ? "integer" : type;
}

function nth(place: number): string {
  const tail = place % 100 > 10 && place % 100 < 14 ? 0 : place % 10;
  return `${place}${["th", "st", "nd", "rd"][tail] ?? "th"}`;
}

function regular(
  list: List,
  value: Value,
  patterns: readonly string[],
  ignoresCase: boolean,
  { problems }: Surroundings,
): Condition {
  const pattern = patterns.join("|");
  const { field } = value;
  if (field !== undefined) {
    const extra = ignoresCase ? { case_insensitive: true } : {};
    return { kind: "query", query: { regexp: { [field]: { value: pattern, ...extra } } } };
  }
  const test = regexpTest(pattern, ignoresCase);
  if (test === undefined)
    throw problems.unsupported(list.start, `the pattern [${pattern}] of a computed text in EQL`);
  return computed(value, test);
}

function computed(value: Value, test: (text: string) => boolean): Condition {
  return {
    kind: "computed",
    uses: value.uses,
    test: (read) => {
      const text = value.read(read);
      return typeof text === "string" && test(text);
    },
  };
}
