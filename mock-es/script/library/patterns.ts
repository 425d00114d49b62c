/** Regular expressions of scripts. */
import { javaPattern } from "../../text/java-pattern.ts";
import { groupCount, replaceAsJava, splitAsJava } from "../../text/java-replacement.ts";
import { whole } from "../arithmetic.ts";
import { RuntimeProblem } from "../problems.ts";
import type { ScriptObject } from "../values.ts";
import { callable, objectOf, text } from "./method.ts";

/** `java.util.regex.Pattern`. */
export interface PatternObject extends ScriptObject {
  /** With the flag `g`. */
  readonly expression: RegExp;
}

/** True for a regular expression. */
export function isPattern(value: unknown): value is PatternObject {
  return typeof value === "object" && value !== null && "expression" in value;
}

const javaFlags: Readonly<Record<string, string>> = {
  i: "CASE_INSENSITIVE",
  m: "MULTILINE",
  s: "DOTALL",
  U: "UNICODE_CHARACTER_CLASS",
  u: "UNICODE_CASE",
  x: "COMMENTS",
};

/** Compiles a literal. @throws {EsError} 400 for flags and patterns that JavaScript cannot run */
export function patternOf(source: string, flags = ""): PatternObject {
  const names = flags
    .split("")
    .map((flag) => javaFlags[flag] ?? flag)
    .join("|");
  const expression = javaPattern(source, "g", names);
  const parts = objectOf(
    "java.util.regex.Pattern",
    {
      matcher: (given) => matcherOf(pattern, text(given)),
      pattern: () => source,
      split: (given, limit) =>
        splitAsJava(text(given), expression, limit === undefined ? 0 : whole(limit)),
      asPredicate: () => (given: unknown) => text(given).search(expression) >= 0,
    },
    () => source,
  );
  const pattern: PatternObject = { ...parts, expression };
  return pattern;
}

/** True when all of a text matches (`==~`). */
export function matchesAll(pattern: PatternObject, given: string): boolean {
  return wholly(pattern, given) !== null;
}

/** True when a part of a text matches (`=~`). */
export function matchesPart(pattern: PatternObject, given: string): boolean {
  return given.search(pattern.expression) >= 0;
}

function wholly({ expression }: PatternObject, given: string): RegExpExecArray | null {
  const flags = expression.flags.replace("g", "");
  return new RegExp(`^(?:${expression.source})$(?![\\s\\S])`, flags).exec(given);
}

/** `java.util.regex.Matcher` over a text. */
export function matcherOf(
  pattern: PatternObject,
  given: string,
  groups?: readonly (string | undefined)[],
): ScriptObject {
  const expression = new RegExp(pattern.expression.source, pattern.expression.flags);
  let found: RegExpExecArray | null = null;
  const current = (): readonly (string | undefined)[] => {
    if (groups !== undefined) return groups;
    if (found === null) throw new RuntimeProblem("illegal_state_exception", "No match found");
    return found;
  };
  const groupOf = (which: unknown): string | null => {
    if (typeof which === "string")
      throw new RuntimeProblem("class_cast_exception", "the number of a group is wanted");
    const at = which === undefined ? 0 : whole(which);
    const all = current();
    if (at < 0 || at >= all.length)
      throw new RuntimeProblem("index_out_of_bounds_exception", `No group ${at}`);
    return all[at] ?? null;
  };
  const replacing = (by: unknown, isAll: boolean): string => {
    const plain = new RegExp(
      expression.source,
      isAll ? expression.flags : expression.flags.replace("g", ""),
    );
    if (typeof by === "function") {
      const run = callable(by);
      return given.replace(plain, (...parts: unknown[]) => {
        const own = parts.slice(
          0,
          parts.findIndex((part) => typeof part === "number"),
        );
        return text(run(matcherOf(pattern, given, own as (string | undefined)[])));
      });
    }
    return replaceAsJava(given, plain, text(by));
  };
  return objectOf("java.util.regex.Matcher", {
    find: () => {
      found = expression.exec(given);
      if (found?.[0] === "") expression.lastIndex++;
      return found !== null;
    },
    matches: () => {
      found = wholly(pattern, given);
      return found !== null;
    },
    lookingAt: () => {
      found = new RegExp(`^(?:${expression.source})`, expression.flags.replace("g", "")).exec(
        given,
      );
      return found !== null;
    },
    group: groupOf,
    groupCount: () => groupCount(expression),
    start: () => {
      current();
      return found?.index ?? 0;
    },
    end: () => (found?.index ?? 0) + (current()[0]?.length ?? 0),
    replaceAll: (by) => replacing(by, true),
    replaceFirst: (by) => replacing(by, false),
    reset: () => {
      expression.lastIndex = 0;
      found = null;
      return null;
    },
    namedGroup: (name) => {
      current();
      return found?.groups?.[text(name)] ?? null;
    },
  });
}
