/** What `value`, `"value"`, `val*` and comparisons mean on one field, by its type. */
import { joined, type Between, type Comparable, type Condition } from "./condition.ts";
import { evaluateDate } from "./date-math.ts";
import type { Field, FieldType } from "./field-table.ts";
import { addressKey, blockKeys } from "./ip-address.ts";
import { parseNumber } from "./quantity.ts";
import type { RangeOperator } from "./syntax.ts";
import { wordsOf } from "./text-analysis.ts";

/** Why a field cannot hold or compare a value; `suggestion` says what to write instead. */
export interface Refusal {
  readonly kind: "refusal";
  readonly message: string;
  readonly suggestion: string | undefined;
  /** The field cannot hold any value; otherwise it is this value that does not fit. */
  readonly isAboutField: boolean;
}

/** What values of a type look like, for messages. */
const examples: Readonly<Record<FieldType, string>> = {
  keyword: "texts",
  wildcard: "texts",
  text: "texts",
  flattened: "texts",
  long: "whole numbers",
  date: 'dates (2026-11-30, "2026-11-30T08:00Z", now-7d)',
  boolean: "true and false",
  ip: "addresses (10.1.2.3, 10.0.0.0/8)",
  nested: "objects",
  object: "fields",
};

/** `field: value` and `field: "value"`. */
export function equalTo(
  field: Field,
  text: string,
  isPhrase: boolean,
  nowMs: number,
): Condition | Refusal {
  switch (field.type) {
    case "keyword":
    case "wildcard":
    case "flattened":
      return exactly(field, text, text);
    case "text":
      return { kind: "words", field, words: wordsOf(text), isPhrase, written: text };
    case "long": {
      const number = parseNumber(text, field.definition?.unit);
      if (number === undefined) return unfit(field, text);
      return Number.isInteger(number) ? exactly(field, number, number) : { kind: "none" };
    }
    case "boolean":
      if (text === "true") return exactly(field, 1, true);
      // An empty text in a document counts as false, in a query it is refused.
      return text === "false" ? exactly(field, 0, false) : unfit(field, text);
    case "date": {
      const low = evaluateDate(text, nowMs, false);
      const high = evaluateDate(text, nowMs, true);
      if (low === undefined || high === undefined) return unfit(field, text);
      return { ...exactly(field, low, text), high };
    }
    case "ip": {
      const block = blockKeys(text);
      if (block !== undefined) return { ...exactly(field, block[0], text), high: block[1] };
      const key = addressKey(text);
      return key === undefined ? unfit(field, text) : exactly(field, key, text);
    }
    case "nested":
    case "object":
      return noValues(field);
  }
}

/** `field: val*`. */
export function fitting(field: Field, parts: readonly string[]): Condition | Refusal {
  switch (field.type) {
    case "keyword":
    case "wildcard":
    case "flattened":
      return { kind: "pattern", field, parts };
    case "text":
      return joined(
        "or",
        splitAtBlanks(parts).map((word) => fittingWord(field, word)),
      );
    case "nested":
    case "object":
      return noValues(field);
    case "long":
    case "date":
    case "boolean":
    case "ip":
      return refusal(
        `${field.name} holds ${examples[field.type]}; wildcards work on texts only`,
        wildcardHint(field, parts),
      );
  }
}

function fittingWord(field: Field, parts: readonly string[]): Condition {
  const [text = ""] = parts;
  if (parts.length > 1)
    return { kind: "wordPattern", field, parts: parts.map((part) => part.toLowerCase()) };
  return { kind: "words", field, words: wordsOf(text), isPhrase: false, written: text };
}

/** The words of a pattern, each with its own wildcards, as query strings are split. */
export function splitAtBlanks(parts: readonly string[]): string[][] {
  const words: string[][] = [];
  let word: string[] | undefined;
  for (const [at, part] of parts.entries()) {
    if (at > 0) (word ??= [""]).push("");
    for (const [index, piece] of part.split(/\s+/).entries()) {
      if (index > 0) {
        if (word !== undefined) words.push(word);
        word = undefined;
      }
      if (piece === "") continue;
      if (word === undefined) word = [piece];
      else word[word.length - 1] += piece;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function wildcardHint({ name, type }: Field, parts: readonly string[]): string | undefined {
  const [start = ""] = parts;
  if (type === "ip") return `write ${name}: 10.0.0.0/8`;
  if (type === "date") return `write ${name} >= 2026-11-01 and ${name} < 2026-12-01`;
  if (type !== "long") return undefined;
  const low = /^\d+$/.test(start) ? Number(start) : 5;
  return `write ${name} >= ${low * 100} and ${name} < ${(low + 1) * 100}`;
}

/** `field >= value` and its kind. */
export function compared(
  field: Field,
  operator: RangeOperator,
  text: string,
  nowMs: number,
): Condition | Refusal {
  const isLow = operator === "gt" || operator === "gte";
  // Rounding goes away from what the bound excludes and towards what it includes.
  const roundUp = operator === "gt" || operator === "lte";
  const value = bound(field, text, roundUp, nowMs);
  if (typeof value === "object") return value;
  return {
    kind: "between",
    field,
    low: isLow ? value : undefined,
    high: isLow ? undefined : value,
    isLowOpen: operator === "gt",
    isHighOpen: operator === "lt",
    written: field.type === "long" ? value : text,
    operator,
  };
}

function bound(field: Field, text: string, roundUp: boolean, nowMs: number): Comparable | Refusal {
  switch (field.type) {
    case "keyword":
    case "wildcard":
      return text;
    case "long":
      return parseNumber(text, field.definition?.unit) ?? unfit(field, text);
    case "date":
      return evaluateDate(text, nowMs, roundUp) ?? unfit(field, text);
    case "ip":
      if (blockKeys(text) !== undefined)
        return refusal(`a block has no place in an order`, `write ${field.name}: ${text}`);
      return addressKey(text) ?? unfit(field, text);
    case "nested":
    case "object":
      return noValues(field);
    case "text":
    case "boolean":
    case "flattened":
      return refusal(`${field.name} holds ${examples[field.type]}, which have no order`);
  }
}

function exactly(field: Field, value: Comparable, written: Comparable | boolean): Between {
  return {
    kind: "between",
    field,
    low: value,
    high: value,
    isLowOpen: false,
    isHighOpen: false,
    written,
    operator: undefined,
  };
}

function unfit(field: Field, text: string): Refusal {
  const unit = field.definition?.unit;
  const units = unit === undefined ? "" : unit === "bytes" ? ", also 64KiB" : ", also 500ms, 1.5s";
  return refusal(`${field.name} holds ${examples[field.type]}${units}; ${shown(text)} is none`);
}

function noValues(field: Field): Refusal {
  const message = `${field.name} is a group of fields and has no value of its own`;
  return { ...refusal(message), isAboutField: true };
}

function refusal(message: string, suggestion?: string): Refusal {
  return { kind: "refusal", message, suggestion, isAboutField: false };
}

/** A value in a message, short and in quotes. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
