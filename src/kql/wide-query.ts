/**
 * A resolved filter as a query that finds every match, and perhaps more, in documents that do not
 * hold all that records hold: whoever asks so asks the filter of what was found once more.
 */
import type { Between, Condition } from "./condition.ts";
import type { Field } from "./field-table.ts";
import { queryOf, type QueryClause } from "./query-dsl.ts";

/** How documents differ from the records that they are made of. */
export interface DocumentForm {
  /** Names of the fields in which documents hold what records have in this one. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** Fields that documents do not have as records do: only these documents may have a value. */
  readonly unsure: Readonly<Record<string, QueryClause>>;
  /** Of fields by the place of their values: which documents may have others beside those. */
  readonly elsewhere: Readonly<Record<string, QueryClause>>;
}

/**
 * Within a negation the query finds nothing but matches, and perhaps not all of them, so that the
 * whole finds all. Dates of documents have milliseconds, those of records nanoseconds.
 */
export function wideQueryOf(condition: Condition, form: DocumentForm): QueryClause {
  return wide(condition, form, true);
}

function wide(condition: Condition, form: DocumentForm, isWide: boolean): QueryClause {
  switch (condition.kind) {
    case "and":
      return { bool: { filter: condition.of.map((part) => wide(part, form, isWide)) } };
    case "or":
      return anyOf(condition.of.map((part) => wide(part, form, isWide)));
    case "not":
      return { bool: { must_not: [wide(condition.of, form, !isWide)] } };
    case "freeText":
    case "freePattern":
      // Documents have fields that records have not, and any field may hold the text.
      return wide(condition.of, form, isWide);
    case "all":
    case "nested":
      return queryOf(condition);
    case "none":
    case "unmapped":
      return { match_none: {} };
    default:
      return wideLeaf(condition, form, isWide);
  }
}

type Leaf = Exclude<Extract<Condition, { readonly field: Field }>, { readonly kind: "nested" }>;

function wideLeaf(condition: Leaf, form: DocumentForm, isWide: boolean): QueryClause {
  const { field } = condition;
  const unsure = form.unsure[field.name];
  if (unsure !== undefined) return isWide ? unsure : { match_none: {} };
  // Objects have members that are not searched.
  if (field.type === "object") return isWide ? { match_all: {} } : { match_none: {} };
  // Elasticsearch searches flattened fields for whole values only.
  if (field.definition?.type === "flattened" && condition.kind !== "exists" && !isEqual(condition))
    return isWide ? { exists: { field: field.name } } : { match_none: {} };
  const names = form.places[field.name] ?? [field.name];
  const elsewhere = isWide ? form.elsewhere[field.path.join(".")] : undefined;
  const here = names.map((name) =>
    condition.kind === "between" && field.type === "date"
      ? dateQuery(name, condition, isWide)
      : queryOf({ ...condition, field: { ...field, name } }),
  );
  return anyOf(elsewhere === undefined ? here : [...here, elsewhere]);
}

function isEqual(condition: Leaf): boolean {
  return condition.kind === "between" && condition.operator === undefined;
}

function dateQuery(name: string, { low, high }: Between, isWide: boolean): QueryClause {
  const range: Record<string, unknown> = { format: "epoch_millis" };
  if (typeof low === "number") range[isWide ? "gte" : "gt"] = Math.floor(low);
  if (typeof high === "number") range[isWide ? "lte" : "lt"] = Math.floor(high);
  return { range: { [name]: range } };
}

function anyOf(clauses: readonly QueryClause[]): QueryClause {
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return only;
  return { bool: { should: clauses, minimum_should_match: 1 } };
}
