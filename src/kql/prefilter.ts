/**
 * Byte sequences that stand on the line of every record that matches a filter, so that most lines
 * are passed over without being read. A filter may have none.
 */
import type { Between, Comparable, Condition } from "./condition.ts";
import type { Field } from "./field-table.ts";
import { caselessNeedle, exactNeedle, findNeedle, isWithin, type Needle } from "./needle.ts";
import { matchesWildcard } from "./wildcard.ts";

/** A line can only match when at least one of these byte sequences stands on it; none: never. */
export interface Requirement {
  readonly needles: readonly Needle[];
  /**
   * Characters of values in the shortest needle, and something more for a whole value: the higher,
   * the fewer lines have it.
   */
  readonly selectivity: number;
}

/** How records are written on lines. */
export interface LineForm {
  /**
   * What stands directly before and behind a value of this field, quotes included. `absent`: no
   * record of this form has the field. `unknown`: the line does not hold its values in the form in
   * which they are compared.
   */
  around(field: Field): readonly [before: string, behind: string] | "absent" | "unknown";
  /**
   * The same, longer where it must be, so that it stands at values of this field and nowhere else
   * on lines of exchanges and sessions; `undefined`: there is no such thing.
   */
  only?(field: Field): readonly [before: string, behind: string] | undefined;
  /**
   * Texts of which a line has one when it, or something that it points to, holds a value of this
   * field in another form; `undefined`: there is no such value.
   */
  elsewhere?(field: Field): readonly string[] | undefined;
  /** Whether this UTF-16 code unit of a value is one byte of the line, the same in every writer. */
  isPlain(code: number): boolean;
  /** Values that are written in another way, because they look like a word for "none". */
  readonly disguised?: readonly string[];
  /**
   * How the letter is written that is none of ASCII but whose lower case is (U+212A and U+0130);
   * only asked of `k` and `i`.
   */
  disguisedLetter(lower: "k" | "i"): string;
}

/** Shorter needles are on too many lines to be worth the search. Bytes. */
const minNeedleLength = 3;
/** What a whole value counts more than a part of one. */
const wholeValueBonus = 6;
/** More alternatives cost more than they spare: each is a pass over the bytes. */
const maxAlternatives = 12;
/** What no line fulfils. */
const never: readonly Requirement[] = [{ needles: [], selectivity: Infinity }];

/**
 * The prefilter of a filter: every requirement is fulfilled by the line of a matching record or, of
 * records that match together, by at least one of their lines. The most selective one comes first;
 * none: every line has to be read.
 */
export function prefilterOf(condition: Condition, form: LineForm): readonly Requirement[] {
  return [...requirements(condition, form)].sort(bySelectivity);
}

/** Whether the line may match; false is certain. */
export function mayMatch(prefilter: readonly Requirement[], line: Buffer): boolean {
  return prefilter.every(({ needles }) =>
    needles.some((needle) => findNeedle(line, needle, 0) >= 0),
  );
}

function bySelectivity(one: Requirement, other: Requirement): number {
  return other.selectivity - one.selectivity || one.needles.length - other.needles.length;
}

function requirements(condition: Condition, form: LineForm): readonly Requirement[] {
  const own = ownRequirements(condition, form);
  const elsewhere = "field" in condition ? form.elsewhere?.(condition.field) : undefined;
  if (elsewhere === undefined) return own;
  const others = elsewhere.map(exactNeedle);
  return own.map(({ needles, selectivity }) => ({
    needles: [...needles, ...others],
    selectivity: Math.min(selectivity, minNeedleLength),
  }));
}

function ownRequirements(condition: Condition, form: LineForm): readonly Requirement[] {
  switch (condition.kind) {
    case "all":
    case "not":
      return [];
    case "none":
    case "unmapped":
      return never;
    case "nested":
      return form.around(condition.field) === "absent" ? never : [];
    case "and":
      return condition.of.flatMap((part) => requirements(part, form));
    case "or":
      return alternatives(condition.of, form);
    case "freeText":
    case "freePattern":
      return requirements(condition.of, form);
    case "exists":
      return behindName(condition.field, "", form);
    case "between":
      return between(condition, form);
    case "pattern":
      return value(condition.field, condition.parts, form);
    case "words":
      return words(condition.field, condition.words, condition.isPhrase, form);
    case "wordPattern":
      return words(condition.field, condition.parts, true, form);
  }
}

/** The best requirement of each part; together they are one, if every part has one. */
function alternatives(parts: readonly Condition[], form: LineForm): readonly Requirement[] {
  const all: Needle[] = [];
  let selectivity = Infinity;
  for (const part of parts) {
    const [best] = prefilterOf(part, form);
    if (best === undefined) return [];
    all.push(...best.needles);
    selectivity = Math.min(selectivity, best.selectivity);
  }
  const needles = withoutNarrower(all);
  return needles.length > maxAlternatives ? [] : [{ needles, selectivity }];
}

/** The needles but for those which hold another one: whatever has them has that, too. */
function withoutNarrower(needles: readonly Needle[]): Needle[] {
  const kept: Needle[] = [];
  const widestFirst = [...needles].sort(
    (one, other) =>
      one.bytes.length - other.bytes.length || Number(other.ignoresCase) - Number(one.ignoresCase),
  );
  for (const needle of widestFirst)
    if (!kept.some((shorter) => isWithin(shorter, needle))) kept.push(needle);
  return kept;
}

function between(condition: Between, form: LineForm): readonly Requirement[] {
  const { field, low, high } = condition;
  switch (field.type) {
    case "keyword":
    case "wildcard":
    case "flattened":
      return low === high && typeof low === "string"
        ? value(field, [low], form)
        : behindName(field, "", form);
    case "boolean":
      return behindName(field, low === 1 ? "true" : "false", form);
    case "long":
      return low === high ? behindName(field, String(low), form) : digits(condition, form);
    case "ip":
      return address(condition, form);
    case "date":
      return date(condition, form);
    case "text":
    case "nested":
    case "object":
      return [];
  }
}

/** First digits of a number that always has the same number of digits: `5` of 500 to 599. */
function digits(condition: Between, form: LineForm): readonly Requirement[] {
  const { field, low, high, isHighOpen } = condition;
  const width = field.definition?.digits;
  if (width === undefined) return behindName(field, "", form);
  const unit = 10 ** (width - 1);
  const first = Math.max(1, Math.floor(Number(low ?? unit) / unit));
  const end = Number(high ?? 10 * unit - 1);
  const highest = isHighOpen ? Math.ceil(end) - 1 : end;
  const last = Math.min(9, Math.floor(highest / unit));
  const starts: Requirement[] = [];
  for (let digit = first; digit <= last; digit += 1)
    starts.push(...behindName(field, String(digit), form));
  if (starts.length === 0) return [];
  return [{ needles: starts.flatMap(({ needles }) => needles), selectivity: 1 }];
}

/**
 * The written start of all addresses of an IPv4 block: its whole groups. An address that is not
 * written as sockets write it may also be mapped into IPv6, and then begins with zeros.
 */
function address(condition: Between, form: LineForm): readonly Requirement[] {
  const { field, low, high, operator, written } = condition;
  if (operator !== undefined || !/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(String(written)))
    return behindName(field, "", form);
  let start = "";
  for (const at of [24, 26, 28, 30]) {
    const group = String(low).slice(at, at + 2);
    if (group !== String(high).slice(at, at + 2)) break;
    start += `${Number.parseInt(group, 16)}${at === 30 ? "" : "."}`;
  }
  const plain = behindName(field, start, form);
  if (field.definition?.isCanonical === true || plain[0]?.needles.length === 0) return plain;
  const [mapped, zeros] = [behindName(field, ":", form), behindName(field, "0", form)];
  const needles = [...plain, ...mapped, ...zeros].flatMap((one) => one.needles);
  return needles.length === 3 ? [{ needles, selectivity: start.length }] : [];
}

/** What the earliest and the latest instant have in common as records write them, in seconds. */
function date({ field, low, high }: Between, form: LineForm): readonly Requirement[] {
  const [first, last] = [isoText(low), isoText(high)];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return behindName(field, first.slice(0, length), form);
}

function isoText(instant: Comparable | undefined): string {
  const date = new Date(Number(instant));
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 19);
}

/** The words of a text, or parts of one word, in any case. */
function words(
  field: Field,
  texts: readonly string[],
  isAllNeeded: boolean,
  form: LineForm,
): readonly Requirement[] {
  const around = form.around(field);
  if (typeof around === "string") return around === "absent" ? never : [];
  const runs = texts.map((text) => longest(text.match(/[0-9a-z_]+/g) ?? []));
  const wanted = isAllNeeded ? [longest(runs)] : runs;
  if (wanted.length === 0) return isAllNeeded ? [] : never;
  const selectivity = Math.min(...wanted.map(({ length }) => length));
  if (selectivity < minNeedleLength) return [];
  const needles = wanted.map(caselessNeedle);
  for (const letter of ["k", "i"] as const)
    if (wanted.some((run) => run.includes(letter)))
      needles.push(exactNeedle(form.disguisedLetter(letter)));
  return [{ needles: withoutNarrower(needles), selectivity }];
}

/**
 * What stands on the line of a value that fits the parts: the longest run of plain characters, with
 * name and quotes where it reaches to an end of the value.
 */
function value(field: Field, parts: readonly string[], form: LineForm): readonly Requirement[] {
  const around = form.around(field);
  if (typeof around === "string") return around === "absent" ? never : [];
  if (form.disguised?.some((word) => matchesWildcard(word, parts)) === true) return [];
  const runs = parts.map((part) => plainRuns(part, form));
  const all = runs.flat();
  const first = runs[0]?.[0] ?? "";
  const last = runs.at(-1)?.at(-1) ?? "";
  const best = longest(all);
  const isFirst = best === first;
  const isWhole = all.length === 1;
  const text =
    (isFirst ? around[0] : "") + best + (isWhole || (best === last && !isFirst) ? around[1] : "");
  return requirement(text, best.length + (isWhole ? wholeValueBonus : 0));
}

/** A text cut at the characters that may be written in several ways; at least one piece. */
function plainRuns(text: string, form: LineForm): string[] {
  const runs: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (form.isPlain(text.charCodeAt(at))) continue;
    runs.push(text.slice(start, at));
    start = at + 1;
  }
  runs.push(text.slice(start));
  return runs;
}

function behindName(field: Field, text: string, form: LineForm): readonly Requirement[] {
  const around = form.around(field);
  if (typeof around === "string") return around === "absent" ? never : [];
  return requirement(around[0] + text, text.length);
}

function longest(texts: readonly string[]): string {
  let best = "";
  for (const text of texts) if (text.length > best.length) best = text;
  return best;
}

function requirement(text: string, selectivity: number): readonly Requirement[] {
  if (text.length < minNeedleLength) return [];
  return [{ needles: [exactNeedle(text)], selectivity }];
}
