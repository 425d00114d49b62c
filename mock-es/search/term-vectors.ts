/** The terms of the fields of a document, their places, and what the shard knows of them. */
import type { Analyzer, Token } from "../analysis/token.ts";
import { notSupported } from "../es-error.ts";
import { floatJson } from "../json/java-number.ts";
import { textOf } from "../json/json-value.ts";
import { byCodePoint } from "../text/code-points.ts";
import { expandFields } from "./fields/field-names.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { toJavaText } from "../values/java-text.ts";
import type { SearchContext, SearchDocument } from "./fields/document.ts";
import { createTermReader } from "./fields/document-terms.ts";
import { indexAnalyzerOf } from "./fields/field-analyzers.ts";
import { createPathMatcher } from "./fetch/source-filter.ts";
import { type Field, isUnreadable, resolveField } from "./fields/field.ts";
import { nestedDocuments, parentPathOf } from "./fields/nested-documents.ts";
import { extractedValues } from "./fetch/extracted-values.ts";
import { createReader } from "./fields/reader.ts";
import { bestTerms, type TermFilter } from "./term-vector-filter.ts";

/** What is asked of term vectors. */
export interface TermVectorOptions {
  /** Patterns; `undefined`: the fields whose mapping keeps term vectors. */
  readonly fields: readonly string[] | undefined;
  readonly offsets: boolean;
  readonly positions: boolean;
  readonly fieldStatistics: boolean;
  readonly termStatistics: boolean;
  /** Analyzers in place of those of the mapping. */
  readonly analyzers: ReadonlyMap<string, Analyzer>;
  /** Leaves terms out, and gives the others scores. */
  readonly filter: TermFilter | undefined;
}

/** Term vectors by field. */
export function termVectors(
  document: SearchDocument,
  context: SearchContext,
  options: TermVectorOptions,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const field of fieldsOf(context, options)) {
    const vector = vectorOf(document, field, context, options);
    if (vector !== undefined) found[shownName(field)] = vector;
  }
  return found;
}

function fieldsOf(context: SearchContext, { fields }: TermVectorOptions): Field[] {
  const names =
    fields === undefined
      ? [...(context.mappings.fieldNames?.() ?? [])]
      : fields.flatMap((name) =>
          name.includes("*")
            ? [...metadataFields.filter(createPathMatcher([name])), ...expandFields(name, context)]
            : [name],
        );
  return [...new Set(names)]
    .filter((name) => !isUnreadable(name))
    .map((name) => resolveField({ ...context, nestedPath: scopeOf(context, name) }, name))
    .filter((field) => field !== undefined)
    .filter(({ name, type, kind, isIndexed, parameters }) => {
      if (type === "sparse_vector" && fields !== undefined)
        throw notSupported(`the term vectors of the field [${name}]`);
      if (name.startsWith("_")) return metadataFields.includes(name);
      if ((kind !== "text" && kind !== "keyword") || !isIndexed) return false;
      return fields !== undefined || (parameters["term_vector"] ?? "no") !== "no";
    });
}

/** Fields of every document that have terms. */
const metadataFields: readonly string[] = ["_ignored", "_routing"];

function scopeOf(context: SearchContext, name: string): string | undefined {
  return parentPathOf(context.mappings, name);
}

function shownName({ name, flattenedKey }: Field): string {
  return flattenedKey === undefined ? name : name.replace(/_keyed$/, flattenedKey);
}

function vectorOf(
  document: SearchDocument,
  field: Field,
  context: SearchContext,
  options: TermVectorOptions,
): Record<string, unknown> | undefined {
  const parts = keptParts(field);
  const tokens = tokensOf(document, field, options.analyzers.get(field.name));
  if (tokens.length === 0) return undefined;
  const byTerm = new Map<string, Token[]>();
  for (const token of tokens) {
    const same = byTerm.get(token.term);
    if (same === undefined) byTerm.set(token.term, [token]);
    else same.push(token);
  }
  const { filter, fieldStatistics, termStatistics } = options;
  const statistics =
    fieldStatistics || termStatistics || filter !== undefined
      ? statisticsOf(field, context)
      : undefined;
  const kept =
    filter === undefined || statistics === undefined
      ? undefined
      : bestTerms(frequenciesOf(byTerm), filter, statistics);
  const showsPositions = options.positions && parts.positions;
  const showsOffsets = options.offsets && parts.offsets;
  const terms: Record<string, unknown> = {};
  for (const term of [...(kept ?? byTerm).keys()].sort(byCodePoint)) {
    const own = byTerm.get(term) ?? [];
    const known = options.termStatistics ? statistics?.terms.get(term) : undefined;
    terms[term] = {
      ...(known === undefined ? {} : { doc_freq: known.documents, ttf: known.total }),
      term_freq: own.length,
      ...(showsPositions || showsOffsets
        ? {
            tokens: own.map(({ position, start, end }) => ({
              ...(showsPositions ? { position } : {}),
              ...(showsOffsets ? { start_offset: start, end_offset: end } : {}),
            })),
          }
        : {}),
      ...(kept === undefined ? {} : { score: floatJson(kept.get(term) ?? 0) }),
    };
  }
  return {
    ...(options.fieldStatistics && statistics !== undefined
      ? {
          field_statistics: {
            sum_doc_freq: statistics.sumOfDocuments,
            doc_count: statistics.documents,
            sum_ttf: statistics.sumOfTotals,
          },
        }
      : {}),
    terms,
  };
}

function frequenciesOf(byTerm: ReadonlyMap<string, readonly Token[]>): Map<string, number> {
  return new Map([...byTerm].map(([term, tokens]) => [term, tokens.length]));
}

interface Parts {
  readonly positions: boolean;
  readonly offsets: boolean;
}

const everything: Parts = { positions: true, offsets: true };

/** What the mapping keeps; other fields are analysed when they are asked for. */
function keptParts({ parameters }: Field): Parts {
  const kept = textOf(parameters["term_vector"] ?? "no");
  if (kept === "no") return everything;
  return { positions: kept.includes("positions"), offsets: kept.includes("offsets") };
}

/** The tokens of all values; offsets go on from value to value, with one unit between. */
function tokensOf(document: SearchDocument, field: Field, given: Analyzer | undefined): Token[] {
  const isText = field.kind === "text";
  const own = indexAnalyzerOf(field);
  const gap = isText ? (field.analysis?.positionGap ?? 100) : 0;
  const tokens: Token[] = [];
  let offset = 0;
  let base = 0;
  for (const text of textsOf(document, field)) {
    let last = base - 1;
    for (const token of (given ?? own).analyze(text)) {
      last = base + token.position;
      const { start, end } = token;
      tokens.push({ ...token, position: last, start: offset + start, end: offset + end });
    }
    offset += text.length + 1;
    base = last + 1 + gap;
  }
  return tokens;
}

/** The values of the source as Java writes them, be they in the index or not. */
function textsOf(document: SearchDocument, field: Field): string[] {
  const { parameters, places, flattenedKey } = field;
  // What is stored is read from the index, where long keywords are not.
  const isOnlyIndexed = metadataFields.includes(field.name);
  if (isOnlyIndexed || parameters["store"] === true) {
    const indexed = createReader(field)(document).map(String);
    if (isOnlyIndexed || indexed.length > 0) return indexed;
  }
  const raw: unknown[] = [];
  const key = flattenedKey?.split(".") ?? [];
  // The server gathers the places in a set.
  const paths = new Map(places.map(({ path }) => [path.join("."), path]));
  for (const name of inHashOrder([...paths.keys()]))
    raw.push(...extractedValues(document.source, [...(paths.get(name) ?? []), ...key]));
  return raw.filter((value) => value !== null).map(toJavaText);
}

interface Statistics {
  /** Documents that have the field. */
  readonly documents: number;
  readonly sumOfDocuments: number;
  readonly sumOfTotals: number;
  readonly terms: ReadonlyMap<string, { readonly documents: number; readonly total: number }>;
}

function statisticsOf(field: Field, context: SearchContext): Statistics {
  const read = readerOf(field);
  const terms = new Map<string, { documents: number; total: number }>();
  let documents = 0;
  let sumOfDocuments = 0;
  let sumOfTotals = 0;
  const scope = scopeOf(context, field.name);
  const searched =
    scope === undefined
      ? (context.corpus ?? [])
      : [...(context.corpus ?? [])].flatMap((each) =>
          nestedDocuments(context.mappings, each, scope),
        );
  // Keys of flattened fields are no fields of the index.
  for (const document of field.flattenedKey === undefined ? searched : []) {
    const own = read(document);
    if (own.length === 0) continue;
    documents++;
    sumOfTotals += own.length;
    const counts = new Map<string, number>();
    for (const term of own) counts.set(term, (counts.get(term) ?? 0) + 1);
    sumOfDocuments += counts.size;
    for (const [term, count] of counts) {
      const known = terms.get(term) ?? { documents: 0, total: 0 };
      terms.set(term, { documents: known.documents + 1, total: known.total + count });
    }
  }
  return { documents, sumOfDocuments, sumOfTotals, terms };
}

function readerOf(field: Field): (document: SearchDocument) => readonly string[] {
  if (field.kind === "text") {
    const read = createTermReader(field);
    return (document) => read(document).terms;
  }
  const read = createReader(field);
  return (document) => read(document).map(String);
}
