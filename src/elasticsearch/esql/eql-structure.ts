/** What an EQL query looks for. Its indices stand in the URL, not in the query. */
import { tokenizeEql } from "./eql-lexer.ts";
import { isOperator, isWord, lowerCase, type QueryToken } from "./query-token.ts";
import { nameValue, stringValue } from "./quoted-text.ts";

/** Kind, event categories and steps of an EQL query. */
export interface EqlStructure {
  readonly kind: "event" | "sequence" | "sample" | "join";
  /** Event category of each step in order, `any` as such; the first 100. */
  readonly categories: readonly string[];
  /** Steps that must not occur (`![…]`). */
  readonly missingSteps: number;
  /** Category of the event that ends a sequence (`until […]`). */
  readonly until: string | undefined;
  /** As written, for example `1h`. */
  readonly maxSpan: string | undefined;
  /** Names of the pipes (`head`, `tail` …) in order; the first 100. */
  readonly pipes: readonly string[];
  readonly isWhole: boolean;
}

/** Reads the structure of an EQL query. Never throws. */
export function eqlStructure(query: string): EqlStructure {
  const { tokens, isWhole } = tokenizeEql(query);
  const kind = kindOf(tokens[0], tokens[1]);
  const steps = kind === "event" ? [] : stepsOf(tokens);
  const own = steps.filter((step) => !step.isUntil);
  const single = categoryAt(tokens, 0);
  return {
    kind,
    categories: (kind === "event" ? [single] : own.map((step) => step.category))
      .filter((category) => category !== "")
      .slice(0, maxListed),
    missingSteps: own.filter((step) => step.isMissing).length,
    until: steps.find((step) => step.isUntil)?.category,
    maxSpan: maxSpanOf(tokens),
    pipes: pipesOf(tokens).slice(0, maxListed),
    isWhole,
  };
}

/** Parts that are listed of a query; people write a handful. */
const maxListed = 100;

/** The keyword begins a query of several events, unless it is a category: `sequence where …`. */
function kindOf(
  first: QueryToken | undefined,
  second: QueryToken | undefined,
): EqlStructure["kind"] {
  if (first?.kind !== "word" || isWord(second, "where")) return "event";
  const word = lowerCase(first);
  return word === "sequence" || word === "sample" || word === "join" ? word : "event";
}

interface Step {
  readonly category: string;
  readonly isMissing: boolean;
  readonly isUntil: boolean;
}

/** `[category where …]`; brackets inside a condition (array indices) are no steps. */
function stepsOf(tokens: readonly QueryToken[]): Step[] {
  const steps: Step[] = [];
  let level = 0;
  for (const [at, token] of tokens.entries()) {
    if (isOperator(token, "]")) level = Math.max(0, level - 1);
    if (!isOperator(token, "[")) continue;
    level += 1;
    const category = categoryAt(tokens, at + 1);
    if (level > 1 || category === "") continue;
    const isMissing = isOperator(tokens[at - 1], "!");
    steps.push({ category, isMissing, isUntil: isWord(tokens[at - 1], "until") });
  }
  return steps;
}

/** The category at a position, `""` when no `where` follows. */
function categoryAt(tokens: readonly QueryToken[], at: number): string {
  const token = tokens[at];
  if (token === undefined || !isWord(tokens[at + 1], "where")) return "";
  if (token.kind === "string") return stringValue(token.text.replace(/^'(.*)'$/s, '"$1"'));
  return nameValue(token.text);
}

function maxSpanOf(tokens: readonly QueryToken[]): string | undefined {
  const at = tokens.findIndex((token) => isWord(token, "maxspan"));
  if (at < 0 || !isOperator(tokens[at + 1], "=")) return undefined;
  return tokens[at + 2]?.text;
}

function pipesOf(tokens: readonly QueryToken[]): string[] {
  const pipes: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (isOperator(token, "|")) pipes.push(lowerCase(tokens[at + 1]));
  }
  return pipes.filter((name) => name !== "");
}
