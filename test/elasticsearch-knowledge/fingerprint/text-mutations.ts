import * as fc from "fast-check";

import type { Draw } from "./dsl-mutations.ts";

/**
 * A part of a query text: `keyword` (any case where the language allows it), `name`, `call`
 * (function with its bracket), `operator`, `value`, or `list` of values in brackets.
 */
export interface Part {
  readonly kind: "keyword" | "name" | "call" | "operator" | "value" | "list";
  readonly text: string;
}

/** How a language writes what says nothing. */
export interface Style {
  readonly gaps: readonly string[];
  readonly values: readonly string[];
  readonly ignoresCase: boolean;
  /** Quotes around one part of a name. */
  readonly quote: string;
}

export const esqlStyle: Style = {
  gaps: [" ", "\n", "\t ", " // | FROM x\n", " /* a /* b */ ' */ "],
  values: [
    "1",
    "- 2.5e3",
    '"a | b"',
    '"""c "d" e"""',
    "?",
    "?p1",
    "true",
    "NULL",
    "3 days",
    "[1, -2]",
  ],
  ignoresCase: true,
  quote: "`",
};
export const sqlStyle: Style = {
  gaps: [" ", "\n", " -- FROM x\n", " /* a /* b */ ' */ "],
  values: ["1", "- 2.5e3", "'it''s'", "?", "TRUE", "null", "{d '2020-01-01'}", "INTERVAL '1' DAY"],
  ignoresCase: true,
  quote: '"',
};
export const eqlStyle: Style = {
  gaps: [" ", "\n", " // x\n", " /* ' */ "],
  values: ["1", "-2.5", '"a | b"', '"""c "d" e"""', "'x'", "true", "null"],
  ignoresCase: false,
  quote: "`",
};

/** `k:FROM n:a.b c:count o:= v l`: parts from a short text. */
export function parts(text: string): Part[] {
  const kinds = {
    k: "keyword",
    n: "name",
    c: "call",
    o: "operator",
    v: "value",
    l: "list",
  } as const;
  return text.split(" ").map((word) => {
    const kind = kinds[word.charAt(0) as keyof typeof kinds];
    return { kind, text: word.slice(2) };
  });
}

/** Writes the parts with values, cases, quotes and gaps as they are drawn. */
export function writtenText(all: readonly Part[], style: Style, draw: Draw): string {
  const one = (from: readonly string[]): string => from[draw(from.length)] ?? "";
  const write = ({ kind, text }: Part): string => {
    switch (kind) {
      case "keyword":
      case "call": {
        const word = style.ignoresCase && draw(2) === 0 ? text.toLowerCase() : text;
        return kind === "call" ? `${word}${draw(2) === 0 ? " " : ""}(` : word;
      }
      case "name":
        return text
          .split(".")
          .map((part) => (draw(4) === 0 ? style.quote + part + style.quote : part))
          .join(".");
      case "operator":
        return text;
      case "value":
        return one(style.values);
      case "list":
        return `(${Array.from({ length: 1 + draw(4) }, () => one(style.values)).join(" , ")})`;
    }
  };
  return all.map((part) => write(part) + one(style.gaps)).join("");
}

/** Other parts that differ in one place: a name, a function, an operator, a clause more or less. */
export function alteredText(
  clauses: readonly (readonly Part[])[],
  extra: readonly Part[],
  draw: Draw,
): Part[] {
  const results: Part[][] = [[...clauses.flat(), ...extra]];
  const flat = clauses.flat();
  if (clauses.length > 1) results.push(clauses.slice(0, -1).flat());
  for (const [at, { kind, text }] of flat.entries()) {
    const replace = (part: Part): void => {
      results.push([...flat.slice(0, at), part, ...flat.slice(at + 1)]);
    };
    if (kind === "name") replace({ kind, text: `${text}_x` });
    if (kind === "call") replace({ kind, text: text === "MAX" ? "MIN" : "MAX" });
    if (kind === "operator" && comparisons.has(text)) replace({ kind, text: ">" });
  }
  return results[draw(results.length)] ?? extra.slice();
}

const comparisons: ReadonlySet<string> = new Set(["==", "=", "<", "<=", "!=", ":"]);

const field = fc.constantFrom("host.name", "a", "user_id", "x.y.z");

/** Clauses of a language, each a short text with `§` for a field. */
function clausesOf(
  first: readonly string[],
  others: readonly string[],
  joint: string,
): fc.Arbitrary<Part[][]> {
  const clause = (texts: readonly string[]): fc.Arbitrary<Part[]> =>
    fc
      .tuple(fc.constantFrom(...texts), fc.infiniteStream(field))
      .map(([text, names]) => parts(text.replaceAll("§", () => names.next().value ?? "a")));
  return fc
    .tuple(clause(first), fc.array(clause(others), { maxLength: 4 }))
    .map(([start, rest]) => [start, ...rest.map((it) => [...parts(joint), ...it])]);
}

export const esqlClauses = clausesOf(
  ["k:FROM o:logs-*", "k:TS o:k8s", "k:FROM o:a,-b k:METADATA o:_id", "k:ROW n:§ o:= v"],
  [
    "k:WHERE n:§ o:== v",
    "k:WHERE n:§ o:< v k:AND k:NOT n:§ k:IN l",
    "k:WHERE n:§ k:LIKE l k:OR n:§ k:IS k:NOT k:NULL",
    "k:EVAL n:§ o:= c:CONCAT n:§ o:, v o:)",
    "k:EVAL n:§ o:= n:§ o:- v",
    "k:STATS n:§ o:= c:MAX n:§ o:) k:BY n:§",
    "k:STATS c:COUNT o:* o:)",
    "k:SORT n:§ k:DESC k:NULLS k:LAST",
    "k:LIMIT v",
    "k:ENRICH o:policy k:ON n:§",
    "k:LOOKUP k:JOIN o:lookup-1 k:ON n:§",
    "k:FORK o:( k:WHERE n:§ o:== v o:) o:( k:LIMIT v o:)",
    "k:INLINE k:STATS c:SUM n:§ o:)",
    "k:WHERE n:§ k:IN o:( k:FROM o:sub o:)",
  ],
  "o:|",
);

export const sqlClauses = clausesOf(
  ["k:SELECT n:§ o:, c:MAX n:§ o:) k:FROM n:emp k:WHERE n:§ o:= v"],
  [
    "n:§ o:< v",
    "n:§ k:IN l",
    "k:NOT n:§ k:LIKE v",
    "n:§ k:IS k:NOT k:NULL",
    "n:§ k:BETWEEN v k:AND v",
    "n:§ o:!= c:ABS v o:)",
    "n:§ k:IN o:( k:SELECT n:§ k:FROM n:sub o:)",
  ],
  "k:AND",
);

export const eqlClauses = clausesOf(
  ["k:process k:where n:§ o:== v", 'o:"my_event" k:where n:§ o:: l', "k:any k:where v"],
  [
    "n:§ o:!= v",
    "n:§ k:in l",
    "k:not n:§ k:in~ l",
    "c:length n:§ o:) o:<= v",
    "n:§ k:like~ l",
    "c:wildcard n:§ o:, v o:)",
  ],
  "k:and",
);
