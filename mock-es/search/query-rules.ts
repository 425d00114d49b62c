/** Query rules: which documents are pinned, or left out, for what a search says of itself. */
import { EsError, illegalArgument } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { editDistance } from "../text/edit-distance.ts";

/** A rule of a ruleset, as it is shown. */
export interface QueryRule {
  readonly rule_id: string;
  readonly type: "pinned" | "exclude";
  readonly criteria: readonly JsonObject[];
  readonly actions: JsonObject;
  /** Rules of a lower one come first; those without one last. */
  readonly priority?: number;
}

/** Documents that rules name: ids, or objects with `_index` and `_id`. */
export interface RuledDocuments {
  readonly pinned: readonly unknown[];
  readonly excluded: readonly unknown[];
}

const comparisons: Readonly<Record<string, (given: string, wanted: string) => boolean>> = {
  exact: (given, wanted) => given === wanted,
  fuzzy: (given, wanted) =>
    1 - editDistance(given, wanted, false) / Math.max(given.length, wanted.length, 1) > 0.5,
  prefix: (given, wanted) => given.startsWith(wanted),
  suffix: (given, wanted) => given.endsWith(wanted),
  contains: (given, wanted) => given.includes(wanted),
  lt: (given, wanted) => numberIn(given) < numberIn(wanted),
  lte: (given, wanted) => numberIn(given) <= numberIn(wanted),
  gt: (given, wanted) => numberIn(given) > numberIn(wanted),
  gte: (given, wanted) => numberIn(given) >= numberIn(wanted),
};

function numberIn(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value))
    throw illegalArgument(`Query rules numeric criteria with value ${text} cannot be parsed`);
  return value;
}

/** Names of the types of criteria. */
export const criteriaTypes: readonly string[] = [...Object.keys(comparisons), "always"];

/** Rules that fit, in the order in which they apply. */
export function fittingRules(
  rules: readonly QueryRule[],
  criteria: JsonObject,
): readonly QueryRule[] {
  return rules
    .toSorted((a, b) => (a.priority ?? Infinity) - (b.priority ?? Infinity) || 0)
    .filter((rule) => rule.criteria.every((each) => isMet(each, criteria)));
}

function isMet(criterion: JsonObject, given: JsonObject): boolean {
  const type = textOf(criterion["type"]);
  if (type === "always") return true;
  const own = given[textOf(criterion["metadata"])];
  if (own === undefined || own === null) return false;
  const compare = comparisons[type];
  const { values } = criterion;
  const wanted = Array.isArray(values) ? (values as readonly unknown[]) : [];
  const text = textOf(own);
  return wanted.some((value) => compare?.(text, textOf(value)) === true);
}

/** The documents that fitting rules name. */
export function ruledDocuments(rules: readonly QueryRule[]): RuledDocuments {
  const of = (type: string): readonly unknown[] =>
    rules.filter((rule) => rule.type === type).flatMap(({ actions }) => namedIn(actions));
  return { pinned: of("pinned"), excluded: of("exclude") };
}

function namedIn(actions: JsonObject): readonly unknown[] {
  const list = actions["ids"] ?? actions["docs"];
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}

/**
 * The rules of several rulesets that fit.
 *
 * @throws {EsError} 404 for a ruleset that is not there
 */
export function rulesFor(
  ids: unknown,
  criteria: unknown,
  find: (ruleset: string) => readonly QueryRule[] | undefined,
): readonly QueryRule[] {
  const list = Array.isArray(ids) ? (ids as readonly unknown[]) : [ids];
  return list.flatMap((given) => {
    const id = textOf(given);
    const rules = find(id);
    if (rules === undefined)
      throw new EsError(404, "resource_not_found_exception", `query ruleset ${id} not found`);
    return fittingRules(rules, isObject(criteria) ? criteria : {});
  });
}
