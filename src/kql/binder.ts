/** Resolves the names of a syntax tree by a table of fields and converts its values. */
import { suggestion } from "../core/suggestion.ts";
import { joined, type Condition } from "./condition.ts";
import { compared, equalTo, fitting, splitAtBlanks, type Refusal } from "./field-condition.ts";
import type { Field, FieldTable } from "./field-table.ts";
import { KqlError, type KqlWarning, type Span } from "./kql-error.ts";
import { hasWildcard, isExistence, textOf, type Literal, type SyntaxNode } from "./syntax.ts";
import { matchesWildcard } from "./wildcard.ts";

/** A resolved filter. */
export interface Binding {
  readonly condition: Condition;
  readonly warnings: readonly KqlWarning[];
}

/**
 * Resolves a filter. A field that the table does not have is a warning and matches nothing, as in
 * Elasticsearch; a value that its field cannot hold is an error, unless the filter names several
 * fields at once (by a wildcard, a short name or none) and others can.
 *
 * @param nowMs what `now` means, in milliseconds since the epoch
 * @throws {KqlError}
 */
export function bindKql(text: string, tree: SyntaxNode, table: FieldTable, nowMs: number): Binding {
  const binder = new Binder(text, table, nowMs);
  const condition = binder.bind(tree, undefined);
  return { condition, warnings: binder.warnings };
}

/** Which fields a name stands for. */
interface Targets {
  readonly fields: readonly Field[];
  /** Several fields are meant; those that cannot hold a value are left out. */
  readonly isLenient: boolean;
}

class Binder {
  readonly warnings: KqlWarning[] = [];
  readonly #text: string;
  readonly #table: FieldTable;
  readonly #nowMs: number;

  constructor(text: string, table: FieldTable, nowMs: number) {
    this.#text = text;
    this.#table = table;
    this.#nowMs = nowMs;
  }

  /** @param scope the nested field around, whose names are relative to it */
  bind(node: SyntaxNode, scope: string | undefined): Condition {
    switch (node.kind) {
      case "all":
        return { kind: "all" };
      case "and":
      case "or":
        return joined(
          node.kind,
          node.nodes.map((inner) => this.bind(inner, scope)),
        );
      case "not":
        return { kind: "not", of: this.bind(node.node, scope) };
      case "is":
        return this.#is(node.field, node.value, scope);
      case "range": {
        const { operator, value } = node;
        const text = textOf(value);
        return this.#onFields(node.field, value, scope, {
          bind: (field) => compared(field, operator, text, this.#nowMs),
          unmapped: { written: text, operator },
        });
      }
      case "nested":
        return this.#nested(node.field, node.node, scope);
    }
  }

  #is(field: Literal | undefined, value: Literal, scope: string | undefined): Condition {
    if (isExistence(value)) {
      if (field === undefined || isExistence(field)) return { kind: "all" };
      return this.#onFields(field, value, scope, {
        bind: (known) => ({ kind: "exists", field: known }),
        unmapped: {},
      });
    }
    if (field === undefined) return this.#freeText(value, scope);
    const text = textOf(value);
    if (hasWildcard(value))
      return this.#onFields(field, value, scope, {
        bind: (known) => fitting(known, value.parts),
        unmapped: { written: text, parts: value.parts },
      });
    return this.#onFields(field, value, scope, {
      bind: (known) => equalTo(known, text, value.isQuoted, this.#nowMs),
      unmapped: { written: text, isPhrase: value.isQuoted },
    });
  }

  #onFields(
    name: Literal,
    value: Literal,
    scope: string | undefined,
    meaning: {
      readonly bind: (field: Field) => Condition | Refusal;
      readonly unmapped: Partial<Extract<Condition, { kind: "unmapped" }>>;
    },
  ): Condition {
    const { fields, isLenient } = this.#targets(name, scope);
    if (fields.length === 0)
      return {
        kind: "unmapped",
        name: inScope(textOf(name), scope),
        written: undefined,
        isPhrase: false,
        parts: undefined,
        operator: undefined,
        ...meaning.unmapped,
      };
    const conditions: Condition[] = [];
    let refused: Refusal | undefined;
    for (const field of fields) {
      const bound = meaning.bind(field);
      if (bound.kind !== "refusal") conditions.push(bound);
      else refused ??= bound;
    }
    if (refused !== undefined && (!isLenient || conditions.length === 0)) {
      const { span } = refused.isAboutField ? name : value;
      // In the words of the filter: a short name stays one.
      const hint = refused.suggestion?.replaceAll(fields[0]?.name ?? "", textOf(name));
      throw this.#error(span, refused.message, hint);
    }
    return joined("or", conditions);
  }

  #targets(name: Literal, scope: string | undefined): Targets {
    if (hasWildcard(name)) {
      const parts = scope === undefined ? name.parts : withPrefix(`${scope}.`, name.parts);
      const fields = Array.from(this.#table.leaves()).filter(
        (field) => field.scope === scope && matchesWildcard(field.name, parts),
      );
      if (fields.length === 0) this.#warnUnknown(name, scope);
      return { fields, isLenient: true };
    }
    const short = scope === undefined ? this.#table.ofShortName(textOf(name)) : [];
    if (short.length > 0) return { fields: short, isLenient: short.length > 1 };
    const full = inScope(textOf(name), scope);
    const field = this.#table.get(full);
    if (field === undefined) {
      this.#warnUnknown(name, scope);
      return { fields: [], isLenient: false };
    }
    if (field.scope !== scope) {
      const inner = full.slice((field.scope?.length ?? -1) + 1);
      throw this.#error(
        name.span,
        `${field.scope ?? full} is a list of objects, each of which is judged alone`,
        `write ${field.scope ?? full}: { ${inner}: … }`,
      );
    }
    return { fields: [field], isLenient: false };
  }

  #freeText(value: Literal, scope: string | undefined): Condition {
    const bind = (field: Field, parts: readonly string[]): Condition | Refusal =>
      parts.length > 1
        ? fitting(field, parts)
        : equalTo(field, parts.join(""), value.isQuoted, this.#nowMs);
    const words = hasWildcard(value) ? splitAtBlanks(value.parts) : [value.parts];
    return joined(
      "or",
      words.map((parts): Condition => {
        if (parts.length > 1 && parts.every((part) => part === "")) return { kind: "all" };
        const of = this.#onAnyField(scope, (field) => bind(field, parts));
        return parts.length > 1
          ? { kind: "freePattern", written: queryString(parts), of }
          : { kind: "freeText", written: parts.join(""), isPhrase: value.isQuoted, of };
      }),
    );
  }

  #onAnyField(scope: string | undefined, bind: (field: Field) => Condition | Refusal): Condition {
    const conditions: Condition[] = [];
    for (const field of this.#table.leaves()) {
      if (field.scope !== scope) continue;
      const bound = bind(field);
      if (bound.kind !== "refusal" && bound.kind !== "none") conditions.push(bound);
    }
    return joined("or", conditions);
  }

  #nested(name: Literal, node: SyntaxNode, scope: string | undefined): Condition {
    const full = inScope(textOf(name), scope);
    const field = hasWildcard(name) ? undefined : this.#table.get(full);
    if (field === undefined) {
      if (hasWildcard(name)) throw this.#error(name.span, "a nested field has no wildcards");
      this.#warnUnknown(name, scope);
      return { kind: "none" };
    }
    if (field.type !== "nested" || field.scope !== scope)
      throw this.#error(
        name.span,
        `${full} is no list of objects that are judged one by one`,
        `write its fields in full: ${full}.…: value`,
      );
    return { kind: "nested", field, of: this.bind(node, full) };
  }

  #warnUnknown(name: Literal, scope: string | undefined): void {
    const full = inScope(textOf(name), scope);
    const meant = suggestion(full, this.#table.names());
    this.warnings.push({
      span: name.span,
      message: `no record has a field ${JSON.stringify(full)}, so this matches nothing`,
      suggestion: meant === undefined ? undefined : `did you mean ${meant}?`,
    });
  }

  #error(span: Span, message: string, hint?: string): KqlError {
    return new KqlError(this.#text, span, message, hint);
  }
}

function inScope(name: string, scope: string | undefined): string {
  return scope === undefined ? name : `${scope}.${name}`;
}

function withPrefix(prefix: string, parts: readonly string[]): readonly string[] {
  const [first = "", ...rest] = parts;
  return [prefix + first, ...rest];
}

/** The syntax of Elasticsearch's `query_string`, every character but the wildcards escaped. */
function queryString(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[+\-=&|><!(){}[\]^"~*?:\\/]/g, "\\$&")).join("*");
}
