/** Reads a YAML file into plain values that know their places. */
import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { Document, YAMLParseError, YAMLWarning } from "yaml";

import { aliasProblems } from "./aliases.ts";
import { readConfigText } from "./config-file.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { SourceLocations } from "./source-locations.ts";
import { expandVariables } from "./variables.ts";

export interface YamlFileOptions {
  /** The content, instead of reading it. */
  readonly text?: string;
  /** What variables in values are taken from; default: the process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A map of sections, not checked against a schema yet. */
export interface YamlFile {
  readonly raw: object;
  readonly places: SourceLocations;
  /** Repeated keys: the file cannot be used, but its other problems can be reported as well. */
  readonly syntax: readonly Diagnostic[];
}

/**
 * Reads a file, expands its variables and gives its values, or what is wrong with it.
 *
 * @param sections keys of which a file of this kind has at least one
 */
export function readYamlFile(
  file: string,
  sections: readonly string[],
  options: YamlFileOptions,
): YamlFile | { readonly problems: readonly Diagnostic[] } {
  const content = options.text === undefined ? readConfigText(file) : { text: options.text };
  if ("problem" in content) return { problems: [aboutFile(file, content.problem)] };
  const { text } = content;
  if (isNestedTooDeep(text))
    return { problems: [aboutFile(file, `is nested deeper than ${maxNesting} levels`)] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    // The library compares each key with each other one; `repeatedKeys` looks each up.
    uniqueKeys: false,
  });
  const places = new SourceLocations(file, document, lines);
  const syntax = syntaxProblems(document, places, text);
  // Messages about the inside of a file that is something else would tell what stands in it.
  if (document.errors.length > 0 && !sectionStart(sections).test(text))
    return { problems: [noConfiguration(file, sections)] };
  if (document.errors.length > 0) return { problems: firstDiagnostics(file, syntax) };
  for (const offset of repeatedKeys(document))
    syntax.push(places.atOffset(offset, "this key stands twice in its map"));
  const unset = expandVariables(document, options.environment ?? process.env);
  for (const { offset, message } of unset) syntax.push(places.atOffset(offset, message));
  // What a missing value leads to is no problem of its own.
  if (unset.length > 0) return { problems: firstDiagnostics(file, syntax) };
  const raw = toPlain(document);
  const unresolved = raw === undefined ? aliasProblems(document) : [];
  for (const { offset, message } of unresolved) syntax.push(places.atOffset(offset, message));
  if (unresolved.length > 0) return { problems: firstDiagnostics(file, syntax) };
  if (isMap(raw) && !sections.some((name) => name in raw))
    return { problems: [noConfiguration(file, sections)] };
  if (!isMap(raw))
    return {
      problems: firstDiagnostics(file, [
        ...syntax,
        places.problem([], shapeProblem(raw, document)),
      ]),
    };
  return { raw, places, syntax };
}

/**
 * Whether more brackets are open somewhere than a configuration needs, or a line begins with as
 * many dashes and question marks. Brackets in quotes and comments count as well.
 */
function isNestedTooDeep(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") open += 1;
    else open -= open > 0 ? 1 : 0;
    if (open > maxNesting) return true;
  }
  return new RegExp(`^[ \\t]*(?:[-?][ \\t]+){${maxNesting}}`, "m").test(text);
}

/** A line that begins with one of them, or a map in braces. */
function sectionStart(sections: readonly string[]): RegExp {
  return new RegExp(`^[ \\t]*["']?(?:${sections.join("|")})["']?[ \\t]*:|^[ \\t]*\\{`, "m");
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with a document that is no map; none of its text is shown. */
function shapeProblem(raw: unknown, document: Document): string {
  if (raw === undefined && document.contents !== null) return "aliases that expand without bound";
  if (raw === null || raw === undefined) return "the file is empty";
  return `expected a map of sections, got ${Array.isArray(raw) ? "a list" : "text"}`;
}

/** Problems shown at most: a person mends some and looks again. */
const maxProblems = 100;
/** Problems of syntax that are put into words: hostile files have one for each byte. */
const maxSyntaxProblems = 2 * maxProblems;
/** Characters of a line that are searched for what may be meant. */
const maxHintLine = 400;
/**
 * Collections within each other in a file. A configuration has some ten; the library takes time
 * that grows with the square of their number, and more stack than there is.
 */
const maxNesting = 64;

/** For a file of another kind: nothing is said of what stands in it, its keys may be secrets. */
function noConfiguration(file: string, sections: readonly string[]): Diagnostic {
  return aboutFile(
    file,
    `is no configuration: it has none of its sections (${sections.join(", ")})`,
  );
}

function aboutFile(file: string, message: string): Diagnostic {
  return { file, line: undefined, column: undefined, message };
}

/** The first problems in the order of the file, and how many more there are. */
export function firstDiagnostics(file: string, problems: readonly Diagnostic[]): Diagnostic[] {
  const sorted = sortDiagnostics(problems);
  if (sorted.length <= maxProblems) return sorted;
  const more = aboutFile(file, `has ${sorted.length - maxProblems} more problems`);
  return [...sorted.slice(0, maxProblems), more];
}

/** Offsets of the keys that stand in their map already. */
function repeatedKeys(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === "<<") continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets;
}

function syntaxProblems(
  document: Document.Parsed,
  places: SourceLocations,
  text: string,
): Diagnostic[] {
  return [...document.errors, ...document.warnings]
    .slice(0, maxSyntaxProblems)
    .map((error) => places.atOffset(error.pos[0], yamlText(error, text)));
}

/** The library's message in the operator's words. */
function yamlText({ code, message, pos }: YAMLParseError | YAMLWarning, text: string): string {
  if (code === "MULTIPLE_DOCS")
    return "not valid here: a second document begins, and a configuration is one";
  const lineStart = text.lastIndexOf("\n", pos[0] - 1) + 1;
  const [line = ""] = text.slice(lineStart, lineStart + maxHintLine).split("\n", 1);
  const isBareAddress = /:\s*\[[0-9a-fA-F:.%]*\]:\d/.test(line);
  const isBareVariable = /[[{,].*\$\{/.test(line);
  const hint = isBareAddress
    ? '; an address in brackets needs quotes, as in "[::1]:9200"'
    : isBareVariable
      ? '; a variable within brackets needs quotes, as in "http://${ES_HOST}:9200"'
      : "";
  return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}${hint}`;
}

/** Plain values; `undefined` when aliases multiply beyond reason (the document is not empty). */
function toPlain(document: Document.Parsed): unknown {
  // Odd keys are reported as unknown ones; the library would also print a warning of its own.
  document.options.logLevel = "silent";
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}
