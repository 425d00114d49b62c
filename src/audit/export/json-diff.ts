/** What differs between two JSON texts, member by member. */
import { matchesWildcard } from "../../kql/wildcard.ts";

/** One place at which two values differ. */
export interface Difference {
  /** `hits.hits[0]._source.name`; empty: the values themselves. */
  readonly path: string;
  /** As JSON; `undefined`: it is not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Members that differ from answer to answer, whatever is asked; without list positions. */
export const volatilePaths: readonly string[] = [
  "took",
  "responses.took",
  "_scroll_id",
  "pit_id",
  "_seq_no",
  "*._seq_no",
  "_primary_term",
  "*._primary_term",
];

/** More differences say nothing more. */
const mostDifferences = 1000;
/** Deeper values are compared as texts. */
const maxDepth = 200;
/** A double holds every decimal number of so many digits (IEEE 754). */
const doubleDigits = 15;

/** ECMAScript 2026, which TypeScript's library does not have yet: numbers as they are written. */
const exactJson = JSON as unknown as {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/**
 * The differences of two texts that hold JSON, or JSON line by line; `undefined` when one of them
 * holds something else. Numbers are compared by value, with all their digits; members in any order,
 * elements in theirs.
 *
 * @param ignored paths without list positions that may differ; `*` stands for anything
 */
export function diffJson(
  before: string,
  after: string,
  ignored: readonly string[] = volatilePaths,
): readonly Difference[] | undefined {
  try {
    const [one, other] = [parsed(before), parsed(after)];
    const diff = new Diff(ignored);
    diff.compare("", "", one, other, 0);
    return diff.found;
  } catch (error) {
    // A range error: it is nested more deeply than there is stack.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The path without list positions: `hits.hits._source.name`. */
export function plainPath(path: string): string {
  return path.replaceAll(/\[\d+\]/g, "").replace(/^\./, "");
}

class Diff {
  readonly found: Difference[] = [];
  readonly #ignored: readonly (readonly string[])[];

  constructor(ignored: readonly string[]) {
    this.#ignored = ignored.map((pattern) => pattern.split("*"));
  }

  /** @param plain the path without list positions */
  compare(path: string, plain: string, one: unknown, other: unknown, depth: number): void {
    if (this.#ignored.some((parts) => matchesWildcard(plain, parts))) return;
    if (depth < maxDepth && Array.isArray(one) && Array.isArray(other))
      this.#elements(path, plain, one, other, depth);
    else if (depth < maxDepth && isObject(one) && isObject(other))
      this.#members(path, plain, one, other, depth);
    else if (!isEqual(one, other)) this.#add(path, one, other);
  }

  #elements(
    path: string,
    plain: string,
    one: readonly unknown[],
    other: readonly unknown[],
    depth: number,
  ): void {
    const length = Math.max(one.length, other.length);
    for (let at = 0; at < length && this.found.length < mostDifferences; at += 1)
      this.compare(`${path}[${at}]`, plain, one[at], other[at], depth + 1);
  }

  #members(path: string, plain: string, one: Members, other: Members, depth: number): void {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      if (this.found.length >= mostDifferences) return;
      const place = path === "" ? name : `${path}.${name}`;
      const plainPlace = plain === "" ? name : `${plain}.${name}`;
      this.compare(place, plainPlace, member(one, name), member(other, name), depth + 1);
    }
  }

  #add(path: string, one: unknown, other: unknown): void {
    this.found.push({ path, before: jsonText(one), after: jsonText(other) });
  }
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !exactJson.isRawJSON(value)
  );
}

/** Its own member only: `constructor` may be a name like any other. */
function member(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function isEqual(one: unknown, other: unknown): boolean {
  const [oneText, otherText] = [jsonText(one), jsonText(other)];
  if (oneText === otherText) return true;
  return isNumber(one) && isNumber(other) && decimal(oneText) === decimal(otherText);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || exactJson.isRawJSON(value);
}

/** One form for all ways to write a number: digits without zeros around them, and an exponent. */
function decimal(text = ""): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const zeros = digits.length - significant.length;
  return `${sign}${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(zeros)}`;
}

function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, exactNumbers);
  } catch (error) {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    if (lines.length < 2) throw error;
    return lines.map((line): unknown => JSON.parse(line, exactNumbers));
  }
}

/** Keeps numbers that a double would round (`context.source` of ECMAScript's JSON.parse). */
function exactNumbers(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  const digits = source
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+/, "");
  return digits.length > doubleDigits ? exactJson.rawJSON(source) : value;
}
