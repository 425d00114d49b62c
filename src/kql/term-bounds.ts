/**
 * Which records may match a filter, by the values of some fields that an index knows: so that the
 * others are not read.
 */
import type { Condition } from "./condition.ts";
import type { RecordDocument } from "./document-values.ts";
import type { Field } from "./field-table.ts";
import { predicateOf } from "./predicate.ts";

/** One value of a field, and the numbers of the records that have it. */
export interface FieldTerm {
  readonly value: string | number;
  readonly numbers: readonly number[];
}

/** What an index knows of some records, which are numbered from 0. */
export interface TermSource {
  readonly count: number;
  /** All values of a field; `undefined`: they are not known. */
  terms(field: string): readonly FieldTerm[] | undefined;
  /** Records that may have more values than are known. */
  readonly uncertain: readonly number[];
}

/** A byte for each record: 1 where it is one of them. */
interface Bounds {
  /** Those that match for certain. */
  readonly sure: Uint8Array;
  /** All that match are among them. */
  readonly possible: Uint8Array;
}

/** Numbers of the records that may match, ascending; every other one does not. */
export function possibleRecords(condition: Condition, source: TermSource): number[] {
  const { possible } = boundsOf(condition, source);
  const numbers: number[] = [];
  for (let number = possible.indexOf(1); number >= 0; number = possible.indexOf(1, number + 1))
    numbers.push(number);
  return numbers;
}

function boundsOf(condition: Condition, source: TermSource): Bounds {
  const { count } = source;
  switch (condition.kind) {
    case "all":
      return { sure: filled(count, 1), possible: filled(count, 1) };
    case "none":
    case "unmapped":
      return { sure: filled(count, 0), possible: filled(count, 0) };
    case "and":
      return combined(condition.of, source, (one, other) => one & other);
    case "or":
      return combined(condition.of, source, (one, other) => one | other);
    case "not": {
      const { sure, possible } = boundsOf(condition.of, source);
      return { sure: inverted(possible), possible: inverted(sure) };
    }
    case "freeText":
    case "freePattern":
      return boundsOf(condition.of, source);
    case "nested":
      return { sure: filled(count, 0), possible: filled(count, 1) };
    default:
      return ofField(condition, condition.field, source);
  }
}

/** What one field says: each of its values is asked alone, as any one of them is enough. */
function ofField(condition: Condition, { path }: Field, source: TermSource): Bounds {
  const { count, uncertain } = source;
  const terms = source.terms(path.join("."));
  const sure = filled(count, 0);
  if (terms === undefined) return { sure, possible: filled(count, 1) };
  const matches = predicateOf(condition);
  for (const { value, numbers } of terms)
    if (matches(documentWith(path, value))) for (const number of numbers) sure[number] = 1;
  const possible = sure.slice();
  for (const number of uncertain) {
    sure[number] = 0;
    possible[number] = 1;
  }
  return { sure, possible };
}

function documentWith(path: readonly string[], value: unknown): RecordDocument {
  const [first = "", ...rest] = path;
  return { [first]: rest.length === 0 ? value : documentWith(rest, value) };
}

function combined(
  conditions: readonly Condition[],
  source: TermSource,
  combine: (one: number, other: number) => number,
): Bounds {
  const [first, ...rest] = conditions.map((condition) => boundsOf(condition, source));
  if (first === undefined)
    return { sure: filled(source.count, 0), possible: filled(source.count, 1) };
  for (const { sure, possible } of rest)
    for (let number = 0; number < source.count; number += 1) {
      first.sure[number] = combine(first.sure[number] ?? 0, sure[number] ?? 0);
      first.possible[number] = combine(first.possible[number] ?? 0, possible[number] ?? 0);
    }
  return first;
}

function inverted(bits: Uint8Array): Uint8Array {
  return bits.map((bit) => 1 - bit);
}

function filled(count: number, value: 0 | 1): Uint8Array {
  return new Uint8Array(count).fill(value);
}
