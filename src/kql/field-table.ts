/** The fields that filters may name, with their Elasticsearch types: how values are compared. */

/** Elasticsearch mapping types, as far as records have them. */
export type FieldType =
  | "keyword"
  | "wildcard"
  | "text"
  | "long"
  | "date"
  | "boolean"
  | "ip"
  /** An object whose leaves are all keywords, whatever they are called. */
  | "flattened"
  /** A list of objects, each of which is judged alone by `field: { … }`. */
  | "nested"
  /** A group of fields; only its existence can be asked for. */
  | "object";

/** What a number counts; values may then carry a unit: `1.5s`, `64KiB`. */
export type FieldUnit = "nanoseconds" | "milliseconds" | "bytes";

/** How a table describes one field. */
export interface FieldDefinition {
  readonly type: Exclude<FieldType, "text" | "object">;
  /** It has a multi-field `<name>.text` that is searched word by word. */
  readonly hasText?: true;
  /** Its values stand in a list on the line, so not directly behind its name. */
  readonly isList?: true;
  /**
   * It is worked out by readers and stands on no line, or not in the form in which it is compared.
   */
  readonly isDerived?: true;
  /** Addresses are written in the one form that RFC 5952 allows, IPv4 in dotted decimal. */
  readonly isCanonical?: true;
  readonly unit?: FieldUnit;
  /** Every value has this many digits. */
  readonly digits?: number;
  /** All values there are, or the usual ones; for completion. */
  readonly values?: readonly string[];
}

/** A field as filters see it. */
export interface Field {
  /** Full dotted name. */
  readonly name: string;
  readonly type: FieldType;
  /** Where its values stand in a record; a multi-field's are its parent's. */
  readonly path: readonly string[];
  readonly definition: FieldDefinition | undefined;
  /** The innermost nested field that it lies in: only `<nested>: { … }` reaches it. */
  readonly scope: string | undefined;
}

/** The fields of one kind of document; immutable. */
export class FieldTable {
  readonly #fields = new Map<string, Field>();
  readonly #shortNames: ReadonlyMap<string, readonly string[]>;

  /**
   * @param definitions by full name; a nested field stands before the fields inside it
   * @param shortNames names for one or several fields that answer to them
   */
  constructor(
    definitions: Readonly<Record<string, FieldDefinition>>,
    shortNames: Readonly<Record<string, readonly string[]>> = {},
  ) {
    this.#shortNames = new Map(Object.entries(shortNames));
    for (const [name, definition] of Object.entries(definitions)) {
      const path = name.split(".");
      this.#addGroups(path);
      const scope = this.#scopeOf(path);
      this.#fields.set(name, { name, type: definition.type, path, definition, scope });
      if (definition.hasText === true) {
        const text = `${name}.text`;
        this.#fields.set(text, { name: text, type: "text", path, definition, scope });
      }
    }
  }

  /** The field with this full name; inside a flattened field every name is one. */
  get(name: string): Field | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
      const parent = this.#fields.get(name.slice(0, dot));
      if (parent === undefined) continue;
      if (parent.type !== "flattened" || dot === name.length - 1) return undefined;
      const path = [...parent.path, ...name.slice(dot + 1).split(".")];
      return { ...parent, name, type: "keyword", path };
    }
    return undefined;
  }

  /** The fields that a short name stands for. */
  ofShortName(name: string): readonly Field[] {
    return (this.#shortNames.get(name) ?? []).flatMap((full) => this.get(full) ?? []);
  }

  /** All fields but groups. */
  *leaves(): IterableIterator<Field> {
    for (const field of this.#fields.values()) if (field.type !== "object") yield field;
  }

  get shortNames(): IterableIterator<string> {
    return this.#shortNames.keys();
  }

  /** Full names and short names, groups left out; for completion and suggestions. */
  names(): string[] {
    return [...this.#shortNames.keys(), ...Array.from(this.leaves(), ({ name }) => name)];
  }

  #addGroups(path: readonly string[]): void {
    for (let length = 1; length < path.length; length += 1) {
      const group = path.slice(0, length);
      const name = group.join(".");
      if (this.#fields.has(name)) continue;
      const scope = this.#scopeOf(group);
      this.#fields.set(name, { name, type: "object", path: group, definition: undefined, scope });
    }
  }

  #scopeOf(path: readonly string[]): string | undefined {
    for (let length = path.length - 1; length > 0; length -= 1) {
      const name = path.slice(0, length).join(".");
      if (this.#fields.get(name)?.type === "nested") return name;
    }
    return undefined;
  }
}
