import type { Node } from "./reference-json.ts";
import {
  Counts,
  isLiteral,
  items,
  members,
  objects,
  scalars,
  textOf,
  values,
} from "./oracle-tree.ts";

/** Oracle: the documents and values of an answer, read from a whole tree. */

export interface WatchedRule {
  covers(index: string): boolean;
  matches(field: string): boolean;
}

interface Found {
  index: string | undefined;
  id: string | undefined;
  hasId: boolean;
  hasContent: boolean;
  fields: Map<string, boolean>;
}

const fieldNames = ["fields", "highlight", "ignored_field_values"];
const quietNames = [
  "doc_count",
  "bg_count",
  "sum_other_doc_count",
  "doc_count_error_upper_bound",
  "meta",
  "interval",
  "key",
  "from",
  "to",
  "key_as_string",
  "value_as_string",
  "min_as_string",
  "max_as_string",
  "avg_as_string",
  "sum_as_string",
  "from_as_string",
  "to_as_string",
  "sum_of_squares_as_string",
  "std_deviation_bounds_as_string",
  "after_key",
];

export class DocumentOracle {
  count = 0;
  withoutId = 0;
  withContent = 0;
  missing = 0;
  readonly first: { index: string | undefined; id: string | undefined }[] = [];
  readonly byIndex = new Counts<{ index: string }>();
  moreIndices = 0;
  readonly values = new Counts<{ kind: string; name: string }>();
  moreValues = 0;
  readonly watched = new Counts<{ index: string | undefined; field: string }>();
  readonly errors = new Counts<{ where: string; type: string }>();
  readonly #rules: readonly WatchedRule[];

  constructor(rules: readonly WatchedRule[]) {
    this.#rules = rules;
  }

  /** Documents are told when they end, so the ones within come before the ones around. */
  hits(node: Node | undefined, around?: Found): void {
    for (const object of objects(node)) this.hit(object, around, false);
  }

  /** The whole answer is a document, or an error. */
  single(node: Node | undefined): void {
    for (const object of objects(node)) this.hit(object, undefined, false, "", true);
  }

  hit(
    object: Node & { kind: "object" },
    around: Found | undefined,
    isOption: boolean,
    option = "",
    isSingle = false,
  ): void {
    const found: Found = {
      index: undefined,
      id: undefined,
      hasId: false,
      hasContent: false,
      fields: new Map(),
    };
    let nested: string | undefined;
    let isMissing = false;
    for (const { name, value } of object.members) {
      if (name === "_index")
        for (const text of scalars(value))
          if (text.kind === "string" && text.text !== "") found.index = textOf(text);
      if (name === "_id")
        for (const text of scalars(value))
          if (!isLiteral(text, "null") && text.text !== "") {
            found.hasId = true;
            found.id = textOf(text);
          }
      if (name === "_nested") nested = this.#nested(value, nested);
      if (name === "_source") this.#content(value, found, nested);
      if (fieldNames.includes(name)) this.#content(value, found, undefined);
      if (isOption) continue;
      if (name === "get")
        for (const inner of objects(value))
          for (const member of inner.members)
            if (member.name === "_source") this.#content(member.value, found, nested);
            else if (member.name === "fields") this.#content(member.value, found, undefined);
      if (name === "found") for (const text of scalars(value)) isMissing = isLiteral(text, "false");
      if (name === "missing")
        for (const text of scalars(value)) isMissing = isLiteral(text, "true");
      if (name === "error" && !isSingle)
        for (const type of values(value, "type")) {
          isMissing = true;
          this.errors.add({ where: "document", type: textOf(type) });
        }
      if (name === "inner_hits")
        for (const one of objects(value))
          for (const member of one.members)
            for (const list of members(member.value, "hits", "hits")) this.hits(list, found);
    }
    if (isOption && !found.hasId && !found.hasContent)
      this.values.add({ kind: "suggestion", name: option });
    else if (isSingle && !isMissing && !found.hasId && !found.hasContent) return;
    else if (isMissing) this.missing += 1;
    else if (nested !== undefined && around !== undefined) {
      around.hasContent ||= found.hasContent;
      for (const [field] of found.fields) around.fields.set(field, true);
      return;
    } else {
      this.add(found);
      return;
    }
    if (around !== undefined) for (const [field] of found.fields) around.fields.set(field, true);
  }

  add(found: Found): void {
    this.count += 1;
    if (!found.hasId) this.withoutId += 1;
    else if (this.first.length < 100) this.first.push({ index: found.index, id: found.id });
    if (found.hasContent) this.withContent += 1;
    if (found.index === undefined) this.moreIndices += 1;
    else this.byIndex.add({ index: found.index });
    this.watch(found.index, found.fields.keys());
  }

  /** Watched fields of a document that is not counted here; `index` as known at this place. */
  fieldsOf(content: Node, index: string | undefined, fields: Map<string, boolean>): void {
    if (index !== undefined && !this.#rules.some((rule) => rule.covers(index))) return;
    this.#fields(content, undefined, fields);
  }

  watch(index: string | undefined, fields: Iterable<string>): void {
    for (const field of fields) {
      const isWatched = this.#rules.some(
        (rule) => (index === undefined || rule.covers(index)) && rule.matches(field),
      );
      if (isWatched) this.watched.add({ index, field });
    }
  }

  #nested(value: Node, above: string | undefined): string | undefined {
    let nested = above;
    for (const object of objects(value))
      for (const member of object.members) {
        if (member.name === "field")
          for (const text of scalars(member.value))
            nested = nested === undefined ? textOf(text) : `${nested}.${textOf(text)}`;
        if (member.name === "_nested") nested = this.#nested(member.value, nested);
      }
    return nested;
  }

  #content(value: Node, found: Found, nested: string | undefined): void {
    if (value.kind !== "object" && value.kind !== "array") return;
    found.hasContent = true;
    const { index } = found;
    // Documents of an index that nobody watches are not looked into.
    if (index !== undefined && !this.#rules.some((rule) => rule.covers(index))) return;
    this.#fields(value, nested, found.fields);
  }

  #fields(value: Node, path: string | undefined, fields: Map<string, boolean>): void {
    for (const item of items(value)) {
      if (item.kind === "object")
        for (const member of item.members) {
          const name = Buffer.from(member.name, "latin1").toString("utf8");
          this.#fields(member.value, path === undefined ? name : `${path}.${name}`, fields);
        }
      else if (!isLiteral(item, "null") && path !== undefined) fields.set(path, true);
    }
  }

  suggest(node: Node): void {
    for (const object of objects(node))
      for (const { name, value } of object.members)
        for (const options of members(value, "options"))
          for (const option of objects(options))
            this.hit(option, undefined, true, Buffer.from(name, "latin1").toString("utf8"));
  }

  aggregations(node: Node): void {
    for (const object of objects(node)) this.#within(object, undefined, []);
  }

  /** Members of an object in which every name is an aggregation, but the known ones. */
  #within(
    object: Node & { kind: "object" },
    path: string | undefined,
    known: readonly string[],
  ): void {
    for (const { name, value } of object.members) {
      if (!known.includes(name))
        this.#aggregation(Buffer.from(name, "latin1").toString("utf8"), value, path);
      else if (name === "buckets") this.#buckets(value, path);
      else if (name === "hits") this.#topHits(value, path);
      else if (name === "value" || name === "values") this.#metric(value, path);
      else if (name === "top")
        for (const top of objects(value))
          for (const member of top.members) {
            if (member.name === "metrics") this.#metric(member.value, path);
            if (member.name === "sort") this.#quiet(member.value, path);
            if (member.name === "hits") this.#topHits(member.value, path);
          }
      else this.#quiet(value, path);
    }
  }

  #aggregation(name: string, value: Node, path: string | undefined): void {
    for (const item of items(value)) {
      if (item.kind === "object")
        this.#within(item, path === undefined ? name : `${path}>${name}`, aggregationNames);
      else this.#count(path);
    }
  }

  #buckets(value: Node, path: string | undefined): void {
    if (value.kind === "array") for (const element of value.elements) this.#bucket(element, path);
    if (value.kind === "object")
      for (const member of value.members) this.#bucket(member.value, path);
  }

  #bucket(value: Node, path: string | undefined): void {
    for (const object of objects(value)) {
      this.#count(path);
      this.#within(object, path, aggregationNames);
    }
  }

  #topHits(value: Node, path: string | undefined): void {
    if (value.kind === "array") for (const element of value.elements) this.hits(element);
    if (value.kind === "object")
      this.#within(value, path, [...aggregationNames, "total", "max_score"]);
  }

  #metric(value: Node, path: string | undefined): void {
    for (const item of items(value)) {
      if (item.kind !== "object") this.#count(path);
      else
        for (const member of item.members) {
          if (member.name === "hits") this.#topHits(member.value, path);
          else if (member.name === "key") this.#quiet(member.value, path);
          else this.#metric(member.value, path);
        }
    }
  }

  #quiet(value: Node, path: string | undefined): void {
    for (const object of objects(value))
      for (const member of object.members) {
        if (member.name === "hits") this.#topHits(member.value, path);
        else this.#quiet(member.value, path);
      }
  }

  #count(path: string | undefined): void {
    if (path === undefined) this.moreValues += 1;
    else this.values.add({ kind: "aggregation", name: path });
  }
}

const aggregationNames = [...quietNames, "buckets", "hits", "value", "values", "top"];
