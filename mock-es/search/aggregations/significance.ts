/** How telling a term is for a set of documents: the heuristics of `significant_terms`. */
import { illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";

/** Documents with a term, and all of them, in a set and in what it is compared with. */
export interface Frequencies {
  readonly subset: number;
  readonly subsetSize: number;
  readonly superset: number;
  readonly supersetSize: number;
}

/** Scores a term; one that is not significant scores 0 or less. */
export type Heuristic = (frequencies: Frequencies) => number;

/** Settings that name a heuristic. */
export const heuristicNames = [
  "jlh",
  "chi_square",
  "gnd",
  "mutual_information",
  "percentage",
  "p_value",
  "script_heuristic",
];

/** Reads the heuristic of an aggregation. @throws {EsError} for settings that it does not have */
export function readHeuristic(body: JsonObject): Heuristic {
  // Of several the last one counts.
  const name = Object.keys(body).findLast((key) => heuristicNames.includes(key)) ?? "jlh";
  const settings = isObject(body[name]) ? body[name] : {};
  const isTable = name === "chi_square" || name === "mutual_information";
  const known = isTable
    ? ["include_negatives", "background_is_superset"]
    : name === "gnd"
      ? ["background_is_superset"]
      : [];
  if (name === "p_value" || name === "script_heuristic")
    throw notSupported(`[${name}] in [significant_terms]`);
  for (const key of Object.keys(settings)) {
    if (!known.includes(key))
      throw xContentParseException(`[${name}] unknown field [${key}]`).at(settings, key, "key");
  }
  const isSuperset = settings["background_is_superset"] !== false;
  const hasNegatives = settings["include_negatives"] === true;
  switch (name) {
    case "chi_square":
      return (counts) => chiSquare(tableOf(counts, isSuperset), hasNegatives);
    case "mutual_information":
      return (counts) => mutualInformation(tableOf(counts, isSuperset), hasNegatives);
    case "gnd":
      return (counts) => googleDistance(tableOf(counts, isSuperset));
    case "percentage":
      return ({ subset, superset }) => (superset === 0 ? 0 : subset / superset);
    default:
      return jlh;
  }
}

function jlh({ subset, subsetSize, superset, supersetSize }: Frequencies): number {
  if (subsetSize === 0 || supersetSize === 0) return 0;
  const part = subset / subsetSize;
  const usual = Math.max(1, superset) / supersetSize;
  const change = part - usual;
  if (change <= 0) return 0;
  return change * (part / usual);
}

/** Documents with (`1`) and without (`0`) the term, in (`1`) and outside (`0`) the set. */
interface Table {
  readonly n00: number;
  readonly n01: number;
  readonly n10: number;
  readonly n11: number;
  /** With and without the term. */
  readonly n1x: number;
  readonly n0x: number;
  /** In and outside the set. */
  readonly nx1: number;
  readonly nx0: number;
  readonly all: number;
}

function checkSuperset(holds: boolean, what: string): void {
  if (holds) return;
  throw illegalArgument(
    `${what}, does your background filter not include all documents in the bucket? If so and it is intentional, set "background_is_superset": false\n`,
  );
}

function tableOf(
  { subset, subsetSize, superset, supersetSize }: Frequencies,
  isSuperset: boolean,
): Table {
  if (isSuperset) checkSuperset(subset <= superset, "subsetFreq > supersetFreq");
  if (isSuperset) checkSuperset(subsetSize <= supersetSize, "subsetSize > supersetSize");
  const n11 = subset;
  const n01 = subsetSize - subset;
  if (!isSuperset) {
    return {
      n00: supersetSize - superset,
      n01,
      n10: superset,
      n11,
      n0x: supersetSize - superset + n01,
      n1x: superset + subset,
      nx0: supersetSize,
      nx1: subsetSize,
      all: supersetSize + subsetSize,
    };
  }
  return {
    n00: supersetSize - superset - n01,
    n01,
    n10: superset - subset,
    n11,
    n0x: supersetSize - superset,
    n1x: superset,
    nx0: supersetSize - subsetSize,
    nx1: subsetSize,
    all: supersetSize,
  };
}

function isRarer({ n11, nx1, n10, nx0 }: Table): boolean {
  return n11 / nx1 < n10 / nx0;
}

function chiSquare(table: Table, hasNegatives: boolean): number {
  if (!hasNegatives && isRarer(table)) return -Infinity;
  const { n00, n01, n10, n11, n0x, n1x, nx0, nx1, all } = table;
  return (all * (n11 * n00 - n01 * n10) ** 2) / (nx1 * n1x * n0x * nx0);
}

function mutualInformation(table: Table, hasNegatives: boolean): number {
  const { n00, n01, n10, n11, n0x, n1x, nx0, nx1, all } = table;
  const part = (both: number, one: number, other: number): number => {
    const numerator = Math.abs(all * both);
    const denominator = Math.abs(one * other);
    return numerator === 0 || denominator === 0
      ? 0
      : Math.abs(both / all) * Math.log(numerator / denominator);
  };
  const score =
    (part(n00, n0x, nx0) + part(n01, n0x, nx1) + part(n10, n1x, nx0) + part(n11, n1x, nx1)) /
    Math.log(2);
  return Number.isNaN(score) || (!hasNegatives && isRarer(table)) ? -Infinity : score;
}

/** Normalized Google distance, turned round: near terms score high. */
function googleDistance({ n1x, nx1, n11, all }: Table): number {
  if (n11 === 0) return 0;
  if (n1x === nx1 && n1x === n11) return 1;
  const [one, other] = [Math.log(n1x), Math.log(nx1)];
  const distance = (Math.max(one, other) - Math.log(n11)) / (Math.log(all) - Math.min(one, other));
  return Math.exp(-distance);
}
