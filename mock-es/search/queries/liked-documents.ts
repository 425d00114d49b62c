/** The terms of documents that others are to be like. */
import { notSupported } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import { createTermReader } from "../fields/document-terms.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { createReader } from "../fields/reader.ts";

/** How often terms occur, by field. */
export type Frequencies = Map<string, Map<string, number>>;

/** Fields that terms are taken from. */
export interface AskedFields {
  readonly names: readonly string[];
  /** True when the request names none, and the index neither. */
  readonly isDefault: boolean;
}

/** The sources of documents, as documents of this shard would be analysed. */
export function termsOfAll(
  items: readonly JsonObject[],
  fields: AskedFields,
  context: SearchContext,
): Frequencies {
  const found: Frequencies = new Map();
  for (const item of items) {
    for (const key of Object.keys(item)) {
      if (!["_index", "_id", "doc", "routing", "fields"].includes(key))
        throw notSupported(`[${key}] of a document in [more_like_this]`);
    }
    const own = item["fields"];
    // Of an artificial document all fields count, whichever are asked for.
    const names =
      item["doc"] !== undefined
        ? termFields(context)
        : Array.isArray(own)
          ? (own as readonly unknown[]).map(textOf)
          : fields.names;
    const source = item["doc"] ?? stored(item, context);
    if (source === undefined) continue;
    // What the index does not keep is analysed as Java writes it.
    const written = alone(asJavaTexts(source), context);
    const document = item["doc"] === undefined ? alone(source, context) : written;
    for (const name of names) {
      const known = resolveField(context, name);
      if (known === undefined) continue;
      // Terms of nested objects are taken, too.
      const field = { ...known, isReachable: true };
      const shown = isKept(field) ? document : written;
      const terms =
        field.kind === "text"
          ? createTermReader(field)(shown).terms
          : [...new Set(createReader(field)(shown))].map(String);
      addTerms(found, name, terms);
    }
  }
  return found;
}

/** A document of a source, which the index does not hold. */
function alone(source: unknown, { index }: SearchContext): SearchDocument {
  const write = Number.MAX_SAFE_INTEGER;
  return { index, id: "", source, seqNo: 0, version: 1, primaryTerm: 1, write };
}

/** True where the index keeps terms, or texts, of documents. */
function isKept({ kind, parameters }: Field): boolean {
  const isText = kind === "text" || kind === "keyword";
  const keepsTerms = (parameters["term_vector"] ?? "no") !== "no";
  return !isText || keepsTerms || String(parameters["store"]) === "true";
}

function asJavaTexts(value: unknown): unknown {
  if (typeof value === "number" || isRawNumber(value)) return toJavaText(value);
  if (Array.isArray(value)) return value.map(asJavaTexts);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJavaTexts(each)]));
}

/** Names of all fields that have terms. */
function termFields(context: SearchContext): string[] {
  return [...(context.mappings.fieldNames?.() ?? [])].filter((name) => {
    const kind = resolveField(context, name)?.kind;
    return kind === "text" || kind === "keyword";
  });
}

function stored(item: JsonObject, context: SearchContext): unknown {
  if (context.fetchSource === undefined) throw notSupported("[more_like_this] of documents here");
  const index = textOf(item["_index"] ?? context.index);
  if (index !== context.index)
    throw notSupported("[more_like_this] of a document of another index");
  const routing = item["routing"];
  return context.fetchSource(
    index,
    textOf(item["_id"]),
    routing === undefined ? undefined : textOf(routing),
  );
}

export function addTerms(found: Frequencies, name: string, terms: readonly string[]): void {
  let counts = found.get(name);
  if (counts === undefined) found.set(name, (counts = new Map()));
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
}
