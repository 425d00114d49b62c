import { isDeepStrictEqual } from "node:util";
import { fillIn, type Stash, valueAt } from "./stash.ts";
import { toPattern } from "./java-pattern.ts";
import { isMap, scalarText } from "./test-file.ts";

/** The answer that assertions look at, and what was kept before. */
export interface AssertionContext {
  readonly body: unknown;
  readonly stash: Stash;
  /** Patterns are read with Java's flag COMMENTS. */
  readonly hasVerbosePatterns?: boolean;
  /** Paths that say nothing about this server: assertions on them are left out. */
  readonly ignoredPaths?: RegExp;
}

/**
 * Verdict of one assertion. `loosened`: it holds only as Elastic's own runner compares, not
 * exactly.
 */
export type AssertionVerdict =
  | { readonly kind: "held" }
  | { readonly kind: "loosened"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string };

const held: AssertionVerdict = { kind: "held" };

type Assertion = (argument: unknown, context: AssertionContext) => AssertionVerdict[];

/** Every assertion of the format by keyword. A keyword that is not here fails the file. */
export const assertions: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ["match", forEachPath(match)],
  [
    "is_true",
    forPath((value) => verdict(isTruthy(value), `is ${show(value)}, which counts as false`)),
  ],
  [
    "is_false",
    forPath((value) => verdict(!isTruthy(value), `is ${show(value)}, which counts as true`)),
  ],
  ["exists", forPath((value) => verdict(value !== undefined, "does not exist"))],
  [
    "length",
    forEachPath((actual, expected) =>
      verdict(
        lengthOf(actual) === Number(expected),
        `length is ${lengthOf(actual)}, not ${show(expected)}`,
      ),
    ),
  ],
  ["gt", forEachPath(order(">", (actual, expected) => actual > expected))],
  ["gte", forEachPath(order(">=", (actual, expected) => actual >= expected))],
  ["lt", forEachPath(order("<", (actual, expected) => actual < expected))],
  ["lte", forEachPath(order("<=", (actual, expected) => actual <= expected))],
  ["close_to", forEachPath(isCloseTo)],
  [
    "contains",
    forEachPath((actual, expected) =>
      verdict(contains(actual, expected), `${show(actual)} does not contain ${show(expected)}`),
    ),
  ],
]);

type Comparison = (
  actual: unknown,
  expected: unknown,
  hasVerbosePatterns: boolean,
) => AssertionVerdict;

function forEachPath(compare: Comparison): Assertion {
  return (argument, { body, stash, hasVerbosePatterns = false, ignoredPaths }) => {
    if (!isMap(argument)) return [{ kind: "failed", detail: "the argument is not a map" }];
    const entries = Object.entries(argument).filter(([path]) => ignoredPaths?.test(path) !== true);
    return entries.map(([path, expected]) =>
      named(path, compare(valueAt(body, path, stash), fillIn(expected, stash), hasVerbosePatterns)),
    );
  };
}

function forPath(check: (value: unknown) => AssertionVerdict): Assertion {
  return (argument, { body, stash, ignoredPaths }) => {
    const path = argument === null ? "" : scalarText(argument);
    if (ignoredPaths?.test(path) === true) return [];
    return [named(path, check(valueAt(body, path, stash)))];
  };
}

function named(path: string, result: AssertionVerdict): AssertionVerdict {
  return result.kind === "held"
    ? result
    : { kind: result.kind, detail: `${path || "the answer"}: ${result.detail}` };
}

function verdict(isHeld: boolean, detail: string): AssertionVerdict {
  return isHeld ? held : { kind: "failed", detail };
}

function match(actual: unknown, expected: unknown, hasVerbosePatterns: boolean): AssertionVerdict {
  const pattern =
    typeof expected === "string" ? /^\s*\/(.*)\/\s*$/s.exec(expected)?.[1] : undefined;
  if (pattern !== undefined) {
    if (typeof actual !== "string")
      return { kind: "failed", detail: `${show(actual)} is no text for /${pattern}/` };
    const isMatched = toPattern(pattern, hasVerbosePatterns).test(actual);
    return verdict(isMatched, `${show(actual)} does not match /${pattern}/`);
  }
  // What is not there is null for Elastic's runner.
  if (isDeepStrictEqual(actual ?? null, expected)) return held;
  const detail = `${show(actual)} is not ${show(expected)}`;
  return isLooselyEqual(actual, expected)
    ? { kind: "loosened", detail }
    : { kind: "failed", detail };
}

/**
 * What Elastic's JavaScript runner accepts as well: a part of an object, and text that holds the
 * expected text.
 */
function isLooselyEqual(actual: unknown, expected: unknown): boolean {
  if (isMap(actual) && isMap(expected)) {
    return Object.entries(expected).every(([key, value]) => {
      return isDeepStrictEqual(actual[key], value) || isLooselyEqual(actual[key], value);
    });
  }
  if (typeof actual === "string" && typeof expected === "string") return actual.includes(expected);
  return isNumberOrText(actual) && isNumberOrText(expected) && String(actual) === String(expected);
}

function isNumberOrText(value: unknown): value is number | string {
  return typeof value === "number" || typeof value === "string";
}

function isTruthy(value: unknown): boolean {
  return ![undefined, null, false, 0, "", "false"].includes(value as null);
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof actual === "string") return actual.includes(String(expected));
  if (Array.isArray(actual)) {
    return actual.some((entry) => {
      return (
        isDeepStrictEqual(entry, expected) || (isMap(entry) && isLooselyEqual(entry, expected))
      );
    });
  }
  return isMap(actual) && typeof expected === "string" && Object.hasOwn(actual, expected);
}

/** `close_to: {path: {value: 5, error: 0.1}}`. */
function isCloseTo(actual: unknown, expected: unknown): AssertionVerdict {
  const { value, error } = isMap(expected) ? expected : {};
  const distance = Math.abs(Number(actual) - Number(value));
  return verdict(
    typeof actual === "number" && distance <= Number(error),
    `${show(actual)} is not within ${show(error)} of ${show(value)}`,
  );
}

function order(sign: string, holds: (actual: number, expected: number) => boolean): Comparison {
  return (actual, expected) => {
    if (typeof actual !== "number" || typeof expected !== "number") {
      return {
        kind: "failed",
        detail: `${show(actual)} ${sign} ${show(expected)}: not two numbers`,
      };
    }
    return verdict(holds(actual, expected), `${actual} ${sign} ${expected} does not hold`);
  };
}

function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value, bigIntAsText);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function bigIntAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
