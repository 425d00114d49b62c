/** Which part of a source an answer shows. */
import { illegalArgument } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { jsonText, textOf } from "../json/json-value.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { compileSourceFilter, keptSource } from "../search/fetch/source-filter.ts";
import type { FieldMappings } from "../search/fields/document.ts";
import type { IndexState } from "../store/index-state.ts";
import type { StoredDocument } from "../store/stored-document.ts";

/** Which part of a source is answered: all of it unless something is set. */
export interface FetchSource {
  readonly enabled?: boolean;
  readonly includes?: readonly string[];
  readonly excludes?: readonly string[];
  /** False: vectors are shown although the index hides them. @default true */
  readonly hidesVectors?: boolean;
}

/**
 * Reads `_source`, `_source_includes` and `_source_excludes` of a query string; `undefined` when
 * none is there.
 */
export function parseFetchSource(query: QueryParameters): FetchSource | undefined {
  if (query.size === 0) return undefined;
  const shown = query.text("_source");
  const includes = query.list("_source_includes");
  const excludes = query.list("_source_excludes");
  const hidesVectors = !query.has("_source_exclude_vectors")
    ? true
    : query.flag("_source_exclude_vectors", true);
  const names = ["_source", "_source_includes", "_source_excludes", "_source_exclude_vectors"];
  if (!names.some((name) => query.has(name))) return undefined;
  const isSwitch = shown === undefined || shown === "" || shown === "true" || shown === "false";
  return {
    enabled: shown !== "false",
    includes: includes ?? (isSwitch ? [] : shown.split(",")),
    excludes: excludes ?? [],
    ...(hidesVectors ? {} : { hidesVectors }),
  };
}

/**
 * Reads the `_source` member of a body: a switch, a pattern, a list of patterns, or includes and
 * excludes.
 *
 * @throws {EsError} 400 for anything else
 */
export function toFetchSource(value: unknown): FetchSource | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === true || value === "true") return {};
  if (value === false || value === "false") return { enabled: false };
  if (typeof value === "string") return { includes: [value] };
  if (Array.isArray(value)) return { includes: toTexts(value) };
  if (typeof value === "object" && value !== null) {
    const members = value as Readonly<Record<string, unknown>>;
    const list = (...names: string[]): string[] => {
      return toTexts(names.map((name) => members[name]).find((entry) => entry !== undefined));
    };
    const hidesVectors = String(members["exclude_vectors"]) !== "false";
    return {
      includes: list("includes", "include"),
      excludes: list("excludes", "exclude"),
      ...(hidesVectors ? {} : { hidesVectors }),
    };
  }
  throw illegalArgument(`no such source as [${textOf(value)}]`);
}

/** The `_source` of an update, which was looked at already: a text is always a pattern. */
export function toShownSource(value: unknown): FetchSource | undefined {
  return typeof value === "string" ? { includes: [value] } : toFetchSource(value);
}

/**
 * JSON text of the wanted part of a source; `undefined` when it is switched off. The whole source
 * is returned as it was stored.
 */
export function renderSource(
  index: IndexState,
  document: StoredDocument,
  fetchSource: FetchSource,
  mappings: FieldMappings = index.mappings,
): string | undefined {
  if (fetchSource.enabled === false) return undefined;
  const { includes = [], excludes = [], hidesVectors = true } = fetchSource;
  const hidden = hidesVectors ? mappings.hiddenFields : undefined;
  const isWhole = includes.length === 0 && excludes.length === 0;
  const isKept = mappings.sourceParts === undefined && mappings.hiddenFields === undefined;
  if (isWhole && isKept) return document.text;
  const kept = keptSource(mappings)(document.source);
  if (kept === undefined) return undefined;
  return jsonText(compileSourceFilter({ includes, excludes }, hidden)(kept) ?? {});
}
