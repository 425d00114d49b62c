import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { Document, YAMLParseError, YAMLWarning } from "yaml";
import type { z } from "zod";

import { Assembler, deepFreeze, poolTable } from "./assemble.ts";
import type { ProxyConfig } from "./config.ts";
import { readConfigText } from "./config-file.ts";
import { crossCheck } from "./cross-checks.ts";
import type { Sections } from "./cross-checks.ts";
import { checkFiles } from "./file-checks.ts";
import { schemaIssuesOf, get } from "./zod-messages.ts";
import type { SchemaIssue } from "./zod-messages.ts";
import { name as nameSchema, shown } from "./scalar-schemas.ts";
import { httpListenerSchema, tcpListenerSchema } from "./listener-schema.ts";
import { SourceLocations } from "./source-locations.ts";
import { poolSchema } from "./pool-schema.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { checkRouters } from "./router-checks.ts";
import { adminSchema, fileSchema, generalSchema } from "./schema.ts";
import type { ListenerSection, PoolSection } from "./schema.ts";
import { auditSchema } from "./audit-schema.ts";
import { expandVariables } from "./variables.ts";

/** A configuration that may be run, or all the reasons why not, in the order of the file. */
export type LoadResult =
  | { readonly config: ProxyConfig; readonly warnings: readonly Diagnostic[] }
  | { readonly problems: readonly Diagnostic[] };

/**
 * Reads, checks and completes a configuration file. No port is bound and nothing is written; router
 * files of TCP listeners are run.
 *
 * All problems are found at once: each section is checked by itself, so that a mistake in one does
 * not hide those in others; what needs several sections is checked among those that are valid.
 *
 * @param file shown in problems as it is given here; relative names inside it start at its folder
 * @param file `-` for standard input
 * @param options `now`: milliseconds since the epoch, for the dates of certificates; `text`: the
 *   content, instead of reading it; `environment`: what variables in values are taken from
 */
export async function loadConfig(
  file: string,
  options: {
    readonly now?: number;
    readonly text?: string;
    readonly environment?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<LoadResult> {
  const content = options.text === undefined ? readConfigText(file) : { text: options.text };
  if ("problem" in content) return { problems: [aboutFile(file, content.problem)] };
  const { text } = content;
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
  if (document.errors.length > 0 && !sectionStart.test(text))
    return { problems: [aboutFile(file, `is no configuration: it has none of ${sectionList}`)] };
  if (document.errors.length > 0) return { problems: firstDiagnostics(file, syntax) };
  for (const offset of repeatedKeys(document))
    syntax.push(places.atOffset(offset, "this key stands twice in its map"));
  const unset = expandVariables(document, options.environment ?? process.env);
  for (const { offset, message } of unset) syntax.push(places.atOffset(offset, message));
  // What a missing value leads to is no problem of its own.
  if (unset.length > 0) return { problems: firstDiagnostics(file, syntax) };
  const raw = toPlain(document);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return {
      problems: firstDiagnostics(file, [
        ...syntax,
        places.problem([], shapeProblem(raw, document)),
      ]),
    };
  const checked = await new SectionReader(raw, new Assembler(file)).read(options.now ?? Date.now());
  const toProblem = ({ path, message, at }: SchemaIssue): Diagnostic =>
    places.problem(path, message, at);
  const problems = [...syntax, ...checked.errors.map(toProblem)];
  if (checked.config === undefined || problems.length > 0)
    return { problems: firstDiagnostics(file, problems) };
  return {
    config: deepFreeze(checked.config),
    warnings: sortDiagnostics(checked.warnings.map(toProblem)),
  };
}

const sectionList = `its sections (${Object.keys(fileSchema.shape).join(", ")})`;
/** A line that begins with one of them, or a map in braces. */
const sectionStart = new RegExp(
  `^\\s*["']?(?:${Object.keys(fileSchema.shape).join("|")})["']?\\s*:|^\\s*\\{`,
  "m",
);
/** What is wrong with a document that is no map; none of its text is shown. */
function shapeProblem(raw: unknown, document: Document): string {
  if (raw === undefined && document.contents !== null) return "aliases that expand without bound";
  if (raw === null || raw === undefined) return "the file is empty";
  return `expected a map of sections, got ${Array.isArray(raw) ? "a list" : "text"}`;
}

/** Problems shown at most: a person mends some and looks again. */
const maxProblems = 100;

function aboutFile(file: string, message: string): Diagnostic {
  return { file, line: undefined, column: undefined, message };
}

/** The first problems in the order of the file, and how many more there are. */
function firstDiagnostics(file: string, problems: readonly Diagnostic[]): Diagnostic[] {
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
  return [...document.errors, ...document.warnings].map((error) =>
    places.atOffset(error.pos[0], yamlText(error, text)),
  );
}

/** The library's message in the operator's words. */
function yamlText({ code, message, pos }: YAMLParseError | YAMLWarning, text: string): string {
  if (code === "MULTIPLE_DOCS")
    return "not valid here: a second document begins, and a configuration is one";
  const [line = ""] = text.slice(text.lastIndexOf("\n", pos[0] - 1) + 1).split("\n", 1);
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

/** Checks the sections of one file one by one and puts together what is valid. */
class SectionReader {
  readonly #raw: object;
  readonly #assembler: Assembler;
  readonly #errors: SchemaIssue[] = [];

  constructor(raw: object, assembler: Assembler) {
    this.#raw = raw;
    this.#assembler = assembler;
  }

  async read(
    now: number,
  ): Promise<{ config: ProxyConfig | undefined; errors: SchemaIssue[]; warnings: SchemaIssue[] }> {
    const general = this.#general();
    const listeners = this.#listeners();
    const pools = this.#pools();
    const audit = this.#section("audit", auditSchema);
    const admin = this.#section("admin", adminSchema);
    const sections: Sections = { raw: this.#raw, listeners, pools, admin };
    this.#errors.push(...crossCheck(sections));
    const files = checkFiles(sections, audit, this.#assembler, now);
    this.#errors.push(...files.errors, ...(await checkRouters(sections, this.#assembler)));
    const errors = this.#errors;
    if (general === undefined || errors.length > 0)
      return { config: undefined, errors, warnings: files.warnings };
    const table = poolTable(pools.map(({ name, section }) => this.#assembler.pool(name, section)));
    const auditConfig = audit && this.#assembler.audit(audit);
    const config: ProxyConfig = {
      workers: general.workers,
      drainTimeoutMs: general.drain_timeout,
      failOnDeadPool: general.fail_on_dead_pool,
      listeners: listeners.map(({ section }) =>
        this.#assembler.listener(section, table, auditConfig),
      ),
      pools: table,
      audit: auditConfig,
      admin: admin && this.#assembler.admin(admin),
    };
    return { config, errors, warnings: files.warnings };
  }

  #general(): z.output<typeof generalSchema> | undefined {
    const own = Object.keys(generalSchema.shape);
    const all = Object.keys(fileSchema.shape);
    const general = Object.fromEntries(
      Object.entries(this.#raw).filter(([key]) => own.includes(key) || !all.includes(key)),
    );
    // The whole file's schema is what unknown keys are compared with, so that "audits" leads to
    // "audit".
    return this.#parse(generalSchema, general, [], fileSchema);
  }

  #listeners(): { index: number; section: ListenerSection }[] {
    const raw = get(this.#raw, "listeners");
    if (!Array.isArray(raw) || raw.length === 0) {
      const message =
        raw === undefined
          ? "is missing"
          : Array.isArray(raw)
            ? "is empty: at least one is needed"
            : `expected a list, got ${shown(raw)}`;
      this.#errors.push({ path: ["listeners"], at: "value", message });
      return [];
    }
    return raw.flatMap((item: unknown, index) => {
      const schema = get(item, "protocol") === "tcp" ? tcpListenerSchema : httpListenerSchema;
      const protocol = get(item, "protocol");
      if (protocol !== undefined && protocol !== "tcp" && protocol !== "http") {
        const message = `expected one of http, tcp; got ${shown(protocol)}`;
        this.#errors.push({ path: ["listeners", index, "protocol"], at: "value", message });
        return [];
      }
      const section: ListenerSection | undefined = this.#parse<ListenerSection>(schema, item, [
        "listeners",
        index,
      ]);
      return section === undefined ? [] : [{ index, section }];
    });
  }

  #pools(): { name: string; section: PoolSection }[] {
    const raw = get(this.#raw, "pools");
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
      const message =
        raw === undefined ? "is missing" : `expected a map from names to pools, got ${shown(raw)}`;
      this.#errors.push({ path: ["pools"], at: "value", message });
      return [];
    }
    return Object.entries(raw).flatMap(([name, item]) => {
      const named = nameSchema.safeParse(name);
      for (const { message } of named.error?.issues ?? [])
        this.#errors.push({ path: ["pools", name], at: "key", message });
      const section = this.#parse(poolSchema, item, ["pools", name]);
      return section === undefined ? [] : [{ name, section }];
    });
  }

  #section<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const raw = get(this.#raw, key);
    return raw === undefined ? undefined : this.#parse(schema, raw, [key]);
  }

  #parse<T>(
    schema: z.ZodType<T>,
    raw: unknown,
    path: readonly PropertyKey[],
    known: z.ZodType = schema,
  ): T | undefined {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    for (const finding of schemaIssuesOf(result.error, known, raw))
      this.#errors.push({ ...finding, path: [...path, ...finding.path] });
    return undefined;
  }
}
