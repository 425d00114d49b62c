/** Character filters by their type: they change a text before it is split. */
import { illegalArgument } from "../es-error.ts";
import { javaPattern } from "../text/java-pattern.ts";
import { javaReplacement } from "../text/java-replacement.ts";
import { decodeEntities } from "./html-entities.ts";
import type { PartSettings } from "./settings.ts";

/** A text after a filter, with the way back to the text before it. */
export interface FilteredText {
  readonly text: string;
  /** The offset in the text before the filter. */
  readonly correct: (offset: number) => number;
}

/** Changes a text. */
export type CharFilter = (text: string) => FilteredText;

type Factory = (settings: PartSettings) => CharFilter;

const factories: Readonly<Record<string, Factory>> = {
  html_strip: (settings) => htmlStrip(settings.list("escaped_tags") ?? []),
  htmlStrip: (settings) => htmlStrip(settings.list("escaped_tags") ?? []),
  mapping: mapped,
  pattern_replace: (settings) => {
    const pattern = settings.text("pattern");
    if (pattern === undefined)
      throw illegalArgument(
        "pattern is missing for [" + settings.name + "] char filter of type 'pattern_replace'",
      );
    const regExp = javaPattern(pattern, "g", settings.text("flags") ?? "");
    const replace = javaReplacement(settings.text("replacement") ?? "", regExp);
    return (text) => replaceAll(text, regExp, replace);
  },
};

/** Builds a character filter of a type; `undefined` when there is none. @throws {EsError} */
export function createCharFilter(type: string, settings: PartSettings): CharFilter | undefined {
  return Object.hasOwn(factories, type) ? factories[type]?.(settings) : undefined;
}

/** Replaces what a pattern finds, and remembers where it stood. */
function replaceAll(
  text: string,
  pattern: RegExp,
  replace: (found: RegExpExecArray) => string,
): FilteredText {
  let result = "";
  let last = 0;
  /** Offset in the result from which on, and the difference to the offset before. */
  const shifts: { readonly from: number; readonly shift: number }[] = [];
  let shift = 0;
  for (const found of text.matchAll(pattern)) {
    const [whole] = found;
    if (whole === "") continue;
    result += text.slice(last, found.index);
    const replacement = replace(found);
    result += replacement;
    last = found.index + whole.length;
    if (replacement.length === whole.length) continue;
    shift += whole.length - replacement.length;
    shifts.push({ from: result.length, shift });
  }
  result += text.slice(last);
  return {
    text: result,
    correct(offset) {
      let moved = 0;
      for (const entry of shifts) if (offset >= entry.from) moved = entry.shift;
      return offset + moved;
    },
  };
}

function mapped(settings: PartSettings): CharFilter {
  const rules = settings.list("mappings");
  if (rules === undefined)
    throw illegalArgument("mapping requires either `mappings` or `mappings_path` to be configured");
  const table = new Map<string, string>();
  for (const rule of rules) {
    const found = /^(.*?)\s*=>\s*(.*)$/s.exec(rule);
    if (found === null) throw illegalArgument(`Invalid Mapping Rule : [${rule}]`);
    table.set(unescaped(found[1] ?? ""), unescaped(found[2] ?? ""));
  }
  const keys = [...table.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  if (keys.length === 0) return (text) => ({ text, correct: (offset) => offset });
  const pattern = new RegExp(keys.join("|"), "g");
  return (text) => replaceAll(text, pattern, ([whole]) => table.get(whole) ?? "");
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escape: string) => {
    if (escape.length === 5) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }[escape] ?? escape;
  });
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Tags that break a text into lines when they are taken out. */
const blockTags =
  /^(?:address|article|aside|blockquote|br|center|dd|dir|div|dl|dt|fieldset|footer|form|h[1-6]|header|hr|isindex|li|menu|nav|noframes|noscript|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)$/i;

function htmlStrip(escapedTags: readonly string[]): CharFilter {
  const kept = new Set(escapedTags.map((tag) => tag.toLowerCase()));
  const pattern =
    /<!--[\s\S]*?-->|<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>|<\/?([a-zA-Z][\w:-]*)(?:\s[^<>]*)?\/?>|<[!?][^>]*>|&(?:#\d+|#[xX][\da-fA-F]+|\w+);/g;
  return (text) =>
    replaceAll(text, pattern, (found) => {
      const [whole, dropped, tag] = found;
      if (whole.startsWith("&")) return decodeEntities(whole);
      if (tag !== undefined && kept.has(tag.toLowerCase())) return whole;
      if (dropped !== undefined) return "\n";
      return tag !== undefined && blockTags.test(tag) ? "\n" : "";
    });
}
