import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseAllDocuments } from "yaml";
import { indentContinuations } from "./relaxed-yaml.ts";

/** A step as it stands in the file: one keyword with its argument. */
export interface RawStep {
  readonly keyword: string;
  readonly argument: unknown;
}

/** What a file says about where it applies. */
export interface Requirements {
  readonly stack: boolean;
  readonly serverless: boolean;
  /** Names of feature flags that the server must have been started with. */
  readonly featureFlags: readonly string[];
}

/** One YAML file of Elastic's client tests. */
export interface TestFile {
  /** Path relative to the folder. */
  readonly path: string;
  readonly requires: Requirements;
  readonly setup: readonly RawStep[];
  readonly teardown: readonly RawStep[];
  readonly tests: ReadonlyMap<string, readonly RawStep[]>;
}

/**
 * Lists the test files below a folder, sorted. A folder of tests has `tests/`; the folder itself
 * works as well.
 */
export async function listTestFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter(
    (name) => /\.ya?ml$/.test(name) && !name.split("/").some((part) => part.startsWith(".")),
  );
  return files.map((name) => join(folder, name)).toSorted((a, b) => (a < b ? -1 : 1));
}

/**
 * Reads one file: documents separated by `---`, each a map with one section (`requires`, `setup`,
 * `teardown`, or the name of a test).
 *
 * @throws {Error} when it is not of that form; nothing is skipped silently
 */
export async function readTestFile(folder: string, path: string): Promise<TestFile> {
  let requires: Requirements = { stack: true, serverless: true, featureFlags: [] };
  let setup: readonly RawStep[] = [];
  let teardown: readonly RawStep[] = [];
  const tests = new Map<string, readonly RawStep[]>();
  for (const [name, content] of await readSections(path)) {
    if (name === "requires") requires = toRequirements(content);
    else if (name === "setup") setup = toSteps(content, name);
    else if (name === "teardown") teardown = toSteps(content, name);
    else if (tests.has(name)) throw new Error(`two tests are named "${name}"`);
    else tests.set(name, toSteps(content, name));
  }
  return { path: relative(folder, path), requires, setup, teardown, tests };
}

async function readSections(path: string): Promise<[string, unknown][]> {
  const sections: [string, unknown][] = [];
  // Like the reader of Elastic's own runner: of equal keys the last one counts, and whole numbers
  // keep all their digits.
  const options = { uniqueKeys: false, intAsBigInt: true } as const;
  const text = await readFile(path, "utf8");
  const isBad = (error: { readonly code: string }): boolean => !tolerated.has(error.code);
  let documents = parseAllDocuments(text, options);
  if (documents.some(({ errors }) => errors.some(isBad)))
    documents = parseAllDocuments(indentContinuations(text), options);
  for (const document of documents) {
    const problem = document.errors.find(isBad);
    if (problem !== undefined) throw new Error(`not YAML: ${problem.message}`);
    const content = plainNumbers(document.toJS());
    if (content === null) continue;
    if (!isMap(content)) throw new Error("a document is not a map");
    sections.push(...Object.entries(content));
  }
  return sections;
}

/** Codes of the problems that SnakeYAML, the reader of Elastic's runner, does not have. */
const tolerated: ReadonlySet<string> = new Set(["BAD_INDENT", "TAB_AS_INDENT"]);

/** Whole numbers that JavaScript numbers hold exactly become such; larger ones stay as they are. */
function plainNumbers(value: unknown): unknown {
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : value;
  }
  if (Array.isArray(value)) return value.map(plainNumbers);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, plainNumbers(entry)]),
  );
}

function toRequirements(content: unknown): Requirements {
  if (!isMap(content)) throw new Error("requires is not a map");
  const { stack = true, serverless = true, feature_flag: flags = [], ...unknown } = content;
  const rest = Object.keys(unknown);
  if (rest.length > 0) throw new Error(`requires: unknown key ${rest.join()}`);
  if (typeof stack !== "boolean" || typeof serverless !== "boolean")
    throw new Error("requires: not a boolean");
  return { stack, serverless, featureFlags: [flags].flat().map(String) };
}

function toSteps(content: unknown, section: string): RawStep[] {
  if (!Array.isArray(content)) throw new Error(`"${section}" is not a list of steps`);
  return content.map((step: unknown) => {
    const entries = isMap(step) ? Object.entries(step) : [];
    const [entry] = entries;
    if (entry === undefined || entries.length > 1)
      throw new Error(`"${section}": a step has not exactly one keyword`);
    return { keyword: entry[0], argument: entry[1] };
  });
}

/** Whether a value is a YAML map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A YAML scalar as text. @throws {Error} for a map or a list */
export function scalarText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`${JSON.stringify(value)} is not text`);
}
