/** What can be typed next at a place of a filter, while it is being written. */
import { describeContext, type Context } from "./completion-context.ts";
import type { Field, FieldTable } from "./field-table.ts";
import { inQuotes, quoteValue } from "./quote-value.ts";
import { recordFields } from "./record-fields.ts";

/** One proposal. */
export interface CompletionItem {
  readonly kind: "field" | "operator" | "value" | "keyword";
  /** What takes the place of the text from `Completion.from` to `to`. */
  readonly text: string;
  /** A word about it: a type, or what it does. */
  readonly detail: string;
}

/** Proposals for one place. */
export interface Completion {
  /** UTF-16 offsets of what a proposal replaces; `to` is the cursor. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly CompletionItem[];
}

/** Where proposals come from. */
export interface CompletionOptions {
  /** @default the fields of audit records */
  readonly fields?: FieldTable;
  /** Values of a field that begin with the prefix, the likeliest first. */
  readonly valuesOf?: (field: Field, prefix: string) => readonly string[];
}

/** More than fits on a screen helps nobody. */
const maxItems = 50;
const ordered = new Set(["long", "date", "ip"]);
const dates = ["now-15m", "now-1h", "now-1d", "now-7d", "now/d", "now-1M/M"];

const conjunctions: readonly CompletionItem[] = [
  { kind: "keyword", text: "and ", detail: "both must match" },
  { kind: "keyword", text: "or ", detail: "either may match" },
];
const negation: CompletionItem = { kind: "keyword", text: "not ", detail: "must not match" };

/** Proposals at a place of a filter; none where the text before it is broken. */
export function completeKql(
  text: string,
  cursor: number,
  options: CompletionOptions = {},
): Completion {
  const { fields = recordFields, valuesOf = () => [] } = options;
  const to = Math.max(0, Math.min(cursor, text.length));
  const context = describeContext(text.slice(0, to));
  if (context === undefined) return { from: to, to, items: [] };
  const items = itemsOf(context, fields, valuesOf);
  return { from: context.from, to, items: items.slice(0, maxItems) };
}

function itemsOf(
  context: Context,
  fields: FieldTable,
  valuesOf: (field: Field, prefix: string) => readonly string[],
): readonly CompletionItem[] {
  switch (context.expects) {
    case "operand": {
      const { prefix, scope } = context;
      const operators = operatorItems(fieldsOf(prefix, scope, fields), prefix);
      const names = fieldItems(prefix, scope, fields);
      return [...operators, ...names, ...matching([negation], prefix)];
    }
    case "operator": {
      const operators = operatorItems(fieldsOf(context.field, context.scope, fields), "");
      return [...operators, ...conjunctions];
    }
    case "value":
      return [
        ...valueItems(context, fields, valuesOf),
        ...(context.isInList && !context.isQuoted ? matching([negation], context.prefix) : []),
      ];
    case "conjunction": {
      const close = context.closes === undefined ? [] : [closing(context.closes)];
      return [...matching(conjunctions, context.prefix), ...(context.prefix === "" ? close : [])];
    }
  }
}

function closing(text: string): CompletionItem {
  return { kind: "operator", text, detail: "end of the group" };
}

function matching(items: readonly CompletionItem[], prefix: string): readonly CompletionItem[] {
  return items.filter(({ text }) => text.startsWith(prefix.toLowerCase()));
}

/** Names that begin with the prefix, then those in which a part begins with it, then the others. */
function fieldItems(prefix: string, scope: string | undefined, fields: FieldTable) {
  const wanted = prefix.toLowerCase();
  const names = Array.from(fields.leaves())
    .filter((field) => field.scope === scope)
    .map(({ name }) => (scope === undefined ? name : name.slice(scope.length + 1)));
  if (scope === undefined) names.unshift(...fields.shortNames);
  const rank = (name: string): number =>
    name.startsWith(wanted) ? 0 : name.includes(`.${wanted}`) ? 1 : name.includes(wanted) ? 2 : 3;
  return names
    .map((name) => [rank(name.toLowerCase()), name] as const)
    .filter(([order]) => order < 3)
    .sort(([one], [other]) => one - other)
    .map(([, name]) => fieldItem(name, scope, fields));
}

function fieldItem(name: string, scope: string | undefined, fields: FieldTable): CompletionItem {
  const short = scope === undefined ? fields.ofShortName(name) : [];
  const full = scope === undefined ? name : `${scope}.${name}`;
  const detail =
    short.length > 0
      ? short.map((field) => field.name).join(", ")
      : (fields.get(full)?.type ?? "field");
  return { kind: "field", text: name, detail };
}

/** @param before the name, where a proposal takes its place as well */
function operatorItems(targets: readonly Field[], before: string): readonly CompletionItem[] {
  if (targets.length === 0) return [];
  const signs: [sign: string, detail: string][] = [[": *", "exists"]];
  if (targets.some(({ type }) => type !== "object")) signs.unshift([": ", "is"]);
  if (targets.some(({ type }) => type === "nested")) signs.push([": { ", "one object fulfils all"]);
  const gap = before === "" ? "" : " ";
  if (targets.some(({ type }) => ordered.has(type)))
    signs.push(
      [`${gap}>= `, "at least"],
      [`${gap}> `, "more than"],
      [`${gap}<= `, "at most"],
      [`${gap}< `, "less than"],
    );
  return signs.map(([sign, detail]) => ({ kind: "operator", text: before + sign, detail }));
}

function valueItems(
  context: Extract<Context, { expects: "value" }>,
  fields: FieldTable,
  valuesOf: (field: Field, prefix: string) => readonly string[],
): readonly CompletionItem[] {
  const { field: name, prefix, scope, isQuoted } = context;
  const known = new Map<string, string>();
  for (const field of fieldsOf(name, scope, fields)) {
    const usual = field.definition?.values ?? (field.type === "boolean" ? ["true", "false"] : []);
    const values =
      field.type === "date" && !isQuoted ? dates : [...usual, ...valuesOf(field, prefix)];
    for (const value of values)
      if (value.toLowerCase().startsWith(prefix.toLowerCase()) && !known.has(value))
        known.set(value, field.name);
  }
  return Array.from(known, ([value, detail]) => ({
    kind: "value" as const,
    text: isQuoted ? inQuotes(value) : quoteValue(value),
    detail,
  }));
}

function fieldsOf(name: string, scope: string | undefined, fields: FieldTable): readonly Field[] {
  const short = scope === undefined ? fields.ofShortName(name) : [];
  if (short.length > 0) return short;
  const field = fields.get(scope === undefined ? name : `${scope}.${name}`);
  return field === undefined ? [] : [field];
}
