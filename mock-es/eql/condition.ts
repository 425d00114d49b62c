/** Conditions as they are asked of documents: queries of the index, or values to be computed. */
import type { JsonObject } from "../json/json-value.ts";
import type { Constant } from "./syntax.ts";
import type { ReadField } from "./values.ts";

/** A condition. */
export type Condition =
  | { readonly kind: "query"; readonly query: JsonObject }
  | { readonly kind: "constant"; readonly value: boolean }
  | {
      readonly kind: "computed";
      /** Fields that are read; any of their values may satisfy the condition. */
      readonly uses: readonly string[];
      readonly test: (read: ReadField) => boolean;
    }
  | { readonly kind: "and" | "or"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition };

/** How conditions are asked of documents of an index. */
export interface Binding<Document> {
  /** Compiles a query of the index. */
  query(query: JsonObject): (document: Document) => boolean;
  /** Reads the values of a field. */
  values(field: string): (document: Document) => readonly Constant[];
}

/** Combinations of values that are tried for a document at most. */
const maxCombinations = 10_000;

/**
 * Makes a test of documents.
 *
 * @param refuse makes the refusal of too many combinations of values
 */
export function bindCondition<Document>(
  condition: Condition,
  binding: Binding<Document>,
  refuse: (what: string) => Error,
): (document: Document) => boolean {
  switch (condition.kind) {
    case "constant":
      return () => condition.value;
    case "query":
      return binding.query(condition.query);
    case "not": {
      const inner = bindCondition(condition.part, binding, refuse);
      return (document) => !inner(document);
    }
    case "and":
    case "or": {
      const parts = condition.parts.map((part) => bindCondition(part, binding, refuse));
      return condition.kind === "and"
        ? (document) => parts.every((part) => part(document))
        : (document) => parts.some((part) => part(document));
    }
    case "computed": {
      const names = [...new Set(condition.uses)];
      const readers = names.map((name) => binding.values(name));
      return (document) => {
        const lists = readers.map((read) => {
          const values = read(document);
          return values.length === 0 ? [null] : values;
        });
        const count = lists.reduce((product, list) => product * list.length, 1);
        if (count > maxCombinations)
          throw refuse(`a condition on ${count} combinations of values of a document`);
        return isAnyTrue(names, lists, condition.test);
      };
    }
  }
}

function isAnyTrue(
  names: readonly string[],
  lists: readonly (readonly Constant[])[],
  test: (read: ReadField) => boolean,
): boolean {
  const chosen = new Map<string, Constant>();
  const from = (at: number): boolean => {
    const name = names[at];
    if (name === undefined) return test((field) => chosen.get(field) ?? null);
    for (const value of lists[at] ?? []) {
      chosen.set(name, value);
      if (from(at + 1)) return true;
    }
    return false;
  };
  return from(0);
}
