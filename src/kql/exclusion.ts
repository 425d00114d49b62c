/**
 * Byte sequences that stand only on lines of records that a filter does not want: what `not` names.
 * So lines that a prefilter cannot exclude, because nothing must stand on them, are not read.
 */
import type { Between, Condition } from "./condition.ts";
import type { Field } from "./field-table.ts";
import { exactNeedle, type Needle } from "./needle.ts";
import type { LineForm } from "./prefilter.ts";
import { matchesWildcard } from "./wildcard.ts";

/** More cost more than they spare: each is a pass over the bytes. */
const maxNeedles = 6;
/** Shorter ones are not worth the search. Bytes. */
const minLength = 6;

/**
 * What no line of a wanted record has. It is certain for records of exchanges and sessions; for
 * records of another kind it says nothing.
 */
export function exclusionsOf(condition: Condition, form: LineForm): readonly Needle[] {
  const needles = excluded(condition, form).filter((text) => text.length >= minLength);
  return [...new Set(needles)].slice(0, maxNeedles).map(exactNeedle);
}

function excluded(condition: Condition, form: LineForm): readonly string[] {
  switch (condition.kind) {
    case "and":
      return condition.of.flatMap((part) => excluded(part, form));
    case "not":
      return certain(condition.of, form);
    default:
      return [];
  }
}

/** Texts of which each alone shows that the record on the line matches. */
function certain(condition: Condition, form: LineForm): readonly string[] {
  switch (condition.kind) {
    case "or":
      return condition.of.flatMap((part) => certain(part, form));
    case "freeText":
    case "freePattern":
      return certain(condition.of, form);
    case "exists":
      return isDisguised(form, ["", ""]) ? [] : atName(condition.field, form, "", false);
    case "pattern": {
      const { field, parts } = condition;
      const [start = "", rest] = parts;
      if (parts.length !== 2 || rest !== "" || isDisguised(form, parts)) return [];
      return field.type === "keyword" ? atName(field, form, start, false) : [];
    }
    case "between":
      return equal(condition, form);
    default:
      return [];
  }
}

function equal({ field, low, high }: Between, form: LineForm): readonly string[] {
  if (low === undefined || low !== high) return [];
  const value = String(low);
  if (field.type === "keyword")
    return isDisguised(form, [value]) ? [] : atName(field, form, value, true);
  const { digits } = field.definition ?? {};
  // Every value has so many digits: no other one begins so.
  return field.type === "long" && digits === value.length ? atName(field, form, value, false) : [];
}

function atName(field: Field, form: LineForm, value: string, isWhole: boolean): readonly string[] {
  const around = form.only?.(field);
  if (around === undefined) return [];
  for (let at = 0; at < value.length; at += 1) if (!form.isPlain(value.charCodeAt(at))) return [];
  return [around[0] + value + (isWhole ? around[1] : "")];
}

/** A word that lines have for "none" is not the value. */
function isDisguised({ disguised = [] }: LineForm, parts: readonly string[]): boolean {
  return disguised.some((word) => matchesWildcard(word, parts));
}
