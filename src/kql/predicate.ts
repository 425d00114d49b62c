/** A resolved filter as a function over records. */
import type { Between, Comparable, Condition, Words } from "./condition.ts";
import {
  comparable,
  isDeep,
  visitValues,
  type RecordDocument,
  type ValueVisitor,
} from "./document-values.ts";
import type { Field } from "./field-table.ts";
import { wordsIn } from "./text-analysis.ts";
import { matchesWildcard } from "./wildcard.ts";

/**
 * Whether a record matches. Of an exchange both records are given, in any order, and what was
 * derived from its bodies: it matches as one document with the values of all.
 */
export type Predicate = (
  record: RecordDocument,
  other?: RecordDocument,
  facts?: RecordDocument,
) => boolean;

/** Compiles a filter; what can be prepared is prepared once. */
export function predicateOf(condition: Condition): Predicate {
  switch (condition.kind) {
    case "all":
      return () => true;
    case "none":
    case "unmapped":
      return () => false;
    case "and": {
      const parts = condition.of.map(predicateOf);
      return (record, other, facts) => parts.every((part) => part(record, other, facts));
    }
    case "or": {
      const parts = condition.of.map(predicateOf);
      return (record, other, facts) => parts.some((part) => part(record, other, facts));
    }
    case "not": {
      const inner = predicateOf(condition.of);
      return (record, other, facts) => !inner(record, other, facts);
    }
    case "freeText":
    case "freePattern":
      return predicateOf(condition.of);
    case "exists":
      return anyValue(condition.field, existence(condition.field));
    case "between":
      return anyValue(condition.field, within(condition));
    case "pattern": {
      const { parts } = condition;
      return anyValue(condition.field, (value) => matchesWildcard(String(value), parts));
    }
    case "words":
      return anyWords(condition);
    case "wordPattern": {
      const { parts } = condition;
      return anyValue(condition.field, (value) => {
        const text = String(value);
        if (!parts.every(likelyIn(text))) return false;
        return anyWord(text, (word) => matchesWildcard(word, parts));
      });
    }
    case "nested":
      return nested(condition.field, predicateOf(condition.of));
  }
}

function anyValue(field: Field, accept: ValueVisitor): Predicate {
  const { path } = field;
  const deep = isDeep(field);
  return (record, other, facts) =>
    visitValues(record, path, 0, deep, accept) ||
    (other !== undefined && visitValues(other, path, 0, deep, accept)) ||
    (facts !== undefined && visitValues(facts, path, 0, deep, accept));
}

function existence({ type }: Field): ValueVisitor {
  return type === "object" ? () => true : (value) => comparable(type, value) !== undefined;
}

function within({ field, low, high, isLowOpen, isHighOpen }: Between): ValueVisitor {
  const { type } = field;
  return (raw) => {
    const value = comparable(type, raw);
    if (value === undefined) return false;
    if (low !== undefined) {
      const order = compare(value, low);
      if (isLowOpen ? order <= 0 : order < 0) return false;
    }
    if (high === undefined) return true;
    const order = compare(value, high);
    return isHighOpen ? order < 0 : order <= 0;
  };
}

/** Both are of one type; texts in the order of their UTF-8 bytes, which is that of code points. */
function compare(one: Comparable, other: Comparable): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (one === other) return 0;
  const [left, right] = [String(one), String(other)];
  return surrogate.test(left) || surrogate.test(right)
    ? Buffer.compare(Buffer.from(left), Buffer.from(right))
    : left < right
      ? -1
      : 1;
}

const surrogate = /[\ud800-\udfff]/;

function anyWords({ field, words, isPhrase }: Words): Predicate {
  const [first] = words;
  if (first === undefined) return () => false;
  if (!isPhrase || words.length === 1) {
    const wanted = new Set(words);
    return anyValue(field, (value) => {
      const text = String(value);
      return words.some(likelyIn(text)) && anyWord(text, (word) => wanted.has(word));
    });
  }
  return anyValue(field, (value) => {
    const text = String(value);
    if (!words.every(likelyIn(text))) return false;
    const last: string[] = [];
    return anyWord(text, (word) => {
      if (last.push(word) > words.length) last.shift();
      return words.every((next, at) => last[at] === next);
    });
  });
}

function anyWord(text: string, accept: (word: string) => boolean): boolean {
  for (const word of wordsIn(text)) if (accept(word)) return true;
  return false;
}

/** A cheap look that spares the segmentation of most texts; sigma's lower case depends on place. */
function likelyIn(text: string): (word: string) => boolean {
  const lower = text.toLowerCase();
  return (word) => sigma.test(word) || lower.includes(word);
}

const sigma = /[σς]/;

/** Each object of the list is judged as if it were the only one. */
function nested({ path }: Field, inner: Predicate): Predicate {
  const judge = (element: unknown): boolean => {
    if (Array.isArray(element)) return (element as readonly unknown[]).some(judge);
    if (typeof element !== "object" || element === null) return false;
    let document: RecordDocument = element as RecordDocument;
    for (let at = path.length - 1; at >= 0; at -= 1) document = { [path[at] ?? ""]: document };
    return inner(document);
  };
  const look = (value: unknown, from: number): boolean => {
    if (from === path.length) return judge(value);
    if (Array.isArray(value)) return (value as readonly unknown[]).some((one) => look(one, from));
    if (typeof value !== "object" || value === null) return false;
    const object = value as RecordDocument;
    const key = path[from] ?? "";
    return Object.hasOwn(object, key) && look(object[key], from + 1);
  };
  return (record, other, facts) =>
    look(record, 0) ||
    (other !== undefined && look(other, 0)) ||
    (facts !== undefined && look(facts, 0));
}
