/** The filters `synonym` and `synonym_graph`, with rules in the format of Solr. */
import { illegalArgument, notSupported } from "../es-error.ts";
import type { PartSettings } from "./settings.ts";
import type { Token } from "./token.ts";

type Filter = (tokens: readonly Token[]) => readonly Token[];

interface Rule {
  readonly from: readonly string[];
  readonly to: readonly (readonly string[])[];
  /** What is replaced is one of these, too. */
  readonly keepsOriginal: boolean;
}

/**
 * A filter of synonyms, from its settings or from a set that the cluster keeps.
 *
 * @param isGraph true for `synonym_graph`, whose terms of several words have a path of their own
 * @param analyze what stands before the filter
 * @param synonymsOf rules of a set; the same list while they are the same
 * @throws {EsError} for rules that cannot be read, and for a set that is not there, unless the
 *   filter is lenient, as those are that may be read anew
 */
export function synonymFilter(
  settings: PartSettings,
  isGraph: boolean,
  analyze: (text: string) => readonly Token[],
  synonymsOf: (set: string) => readonly string[] | undefined = () => undefined,
): Filter {
  if (settings.has("synonyms_path"))
    throw notSupported("[synonyms_path] of the token filter [synonym]");
  const expands = settings.flag("expand", true);
  const isUpdateable = settings.flag("updateable", false);
  const isLenient = settings.flag("lenient", isUpdateable);
  const set = settings.text("synonyms_set");
  const split = (text: string): string[] => {
    const terms = analyze(text.trim()).map((token) => token.term);
    if (terms.length === 0 && !isLenient) throw unbuilt(text.trim(), set);
    return terms;
  };
  const known = set === undefined ? settings.list("synonyms") : synonymsOf(set);
  const lines = known ?? (set !== undefined && isLenient ? [] : undefined);
  if (lines === undefined && set !== undefined)
    throw notSupported(`a filter of the synonyms set [${set}], which does not exist,`);
  if (lines === undefined)
    throw illegalArgument(
      "synonym requires either `synonyms`, `synonyms_set` or `synonyms_path` to be configured",
    );
  const fixed = rulesByFirst(lines, split, expands);
  if (set === undefined || !isUpdateable) return (tokens) => apply(tokens, fixed, isGraph);
  let read = known;
  let rules = fixed;
  return (tokens) => {
    const current = synonymsOf(set);
    if (current !== read) {
      read = current;
      rules = rulesByFirst(current ?? [], split, expands);
    }
    return apply(tokens, rules, isGraph);
  };
}

/** The refusal of a rule of which nothing is left; a set fails the shards of its index instead. */
function unbuilt(term: string, set: string | undefined): Error {
  if (set !== undefined) throw notSupported(`the synonym [${term}] of which nothing is left`);
  const reason = `term: ${term} was completely eliminated by analyzer`;
  const cause = illegalArgument(reason).toCause();
  return illegalArgument("failed to build synonyms", {
    caused_by: { type: "parse_exception", reason: "Invalid synonym rule", caused_by: cause },
  });
}

function rulesByFirst(
  lines: readonly string[],
  split: (text: string) => string[],
  expands: boolean,
): ReadonlyMap<string, readonly Rule[]> {
  const byFirst = new Map<string, Rule[]>();
  for (const rule of joinedLines(lines).flatMap((line) => readRule(line, split, expands))) {
    const first = rule.from[0] ?? "";
    byFirst.set(first, [...(byFirst.get(first) ?? []), rule]);
  }
  return byFirst;
}

/**
 * A list setting is split at commas, and so are the rules of a synonym filter that are given as one
 * text; a list in the body keeps them whole.
 */
function joinedLines(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}

function readRule(line: string, split: (text: string) => string[], expands: boolean): Rule[] {
  const [left = "", right] = line.split("=>");
  const sides = (text: string): string[][] =>
    text.split(/(?<!\\),/).map((entry) => split(entry.replaceAll("\\,", ",")));
  const from = sides(left).filter((terms) => terms.length > 0);
  if (right !== undefined) {
    const to = sides(right).filter((terms) => terms.length > 0);
    return from.map((terms) => ({ from: terms, to, keepsOriginal: false }));
  }
  const [first = []] = from;
  return from.map((terms) => ({
    from: terms,
    to: expands ? from : [first],
    keepsOriginal: expands,
  }));
}

/** Replaces the longest run of terms that a rule knows, from left to right. */
function apply(
  tokens: readonly Token[],
  byFirst: ReadonlyMap<string, readonly Rule[]>,
  isGraph: boolean,
): Token[] {
  const result: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at];
    if (token === undefined) break;
    const fitting = (byFirst.get(token.term) ?? []).filter((rule) =>
      rule.from.every((term, index) => tokens[at + index]?.term === term),
    );
    const longest = Math.max(0, ...fitting.map((rule) => rule.from.length));
    if (longest === 0) {
      result.push(token);
      at++;
      continue;
    }
    const rules = fitting.filter((rule) => rule.from.length === longest);
    const outputs = rules.flatMap((rule) => rule.to);
    const keepsOriginal = rules.some((rule) => rule.keepsOriginal);
    const isPath = longest > 1 && keepsOriginal;
    if (isGraph && (isPath || outputs.some((terms) => terms.length > 1)))
      throw notSupported("[synonym_graph] with synonyms of several words");
    addOutputs(result, tokens.slice(at, at + longest), outputs, isGraph, keepsOriginal);
    at += longest;
  }
  return result.sort((a, b) => a.position - b.position);
}

function addOutputs(
  result: Token[],
  matched: readonly Token[],
  outputs: readonly (readonly string[])[],
  isGraph: boolean,
  keepsOriginal: boolean,
): void {
  const [first] = matched;
  if (first === undefined) return;
  const end = matched.at(-1)?.end ?? first.end;
  const original = matched.map((token) => token.term).join(" ");
  const seen = new Set<string>();
  // What was there stands before its synonyms, in a graph behind them.
  const isOwn = (terms: readonly string[]): boolean => terms.join(" ") === original;
  const others = outputs.filter((terms) => !isOwn(terms));
  const own = outputs.filter(isOwn);
  const length = keepsOriginal && matched.length > 1 ? { positionLength: matched.length } : {};
  for (const terms of isGraph ? [...others, ...own] : [...own, ...others]) {
    const text = terms.join(" ");
    if (seen.has(text)) continue;
    seen.add(text);
    const isOriginal = text === original;
    for (const [index, term] of terms.entries()) {
      const token = isOriginal ? matched[index] : undefined;
      result.push({
        term,
        start: token?.start ?? first.start,
        end: token?.end ?? end,
        position: first.position + index,
        type: token?.type ?? "SYNONYM",
        ...(token === undefined && terms.length === 1 ? length : {}),
      });
    }
  }
}
