/** Runs the tests of one YAML file, each for itself: setup, test, teardown. */
import { type AssertionContext, assertions } from "./assertions.ts";
import { type Call, type Caller, isExpectedError, parseCall } from "./call.ts";
import { NotAsked, Refused } from "./stops.ts";
import { fillIn, valueAt } from "./stash.ts";
import { isMap, type RawStep, type TestFile } from "./test-file.ts";
import { isInRange } from "./version-range.ts";

/**
 * How a test ended. `refused`: the server said that it does not have what the test needs. `skip`:
 * the file itself says that the test is not for this server.
 */
export type Verdict = "pass" | "fail" | "refused" | "skip";

/** The result of one test. */
export interface TestResult {
  readonly name: string;
  readonly verdict: Verdict;
  /** Assertions that held, `catch` and `warnings` included. */
  readonly assertions: number;
  /** Assertions that held only as Elastic's own runner compares. */
  readonly loosened: readonly string[];
  /** Why it failed or did not run. */
  readonly detail: string;
}

/** The result of one file: `fail` when a test failed, otherwise the best verdict of its tests. */
export interface FileResult {
  readonly path: string;
  readonly verdict: Verdict;
  readonly tests: readonly TestResult[];
  /** Why the file as a whole failed or did not run; empty where its tests say it. */
  readonly detail: string;
}

/** What a run needs beside the file. */
export interface RunOptions {
  readonly call: Caller;
  /**
   * Removes what a test left behind; called after each test. @default the tests clean up themselves
   */
  readonly wipe?: () => Promise<void>;
  /** Version of the server, which `skip: version` is compared with. @default no range is skipped */
  readonly version?: string;
  /** Runner features beyond those of the client tests, for `skip: features`. */
  readonly features?: ReadonlySet<string>;
  /** Why a test is not for this server although its file does not say so. @default none */
  readonly reasonToSkip?: (path: string, test: string) => string | undefined;
  /**
   * Patterns of `match` are read with Java's flag COMMENTS: white space and comments do not count.
   */
  readonly hasVerbosePatterns?: boolean;
  /** Paths of answers that say nothing about this server: assertions on them are left out. */
  readonly ignoredPaths?: RegExp;
}

/** Runs every test of a file. A failure in one does not keep the next from running. */
export async function runFile(file: TestFile, options: RunOptions): Promise<FileResult> {
  const skipped = reasonToSkip(file);
  if (skipped !== undefined)
    return { path: file.path, verdict: "skip", tests: [], detail: skipped };
  const tests: TestResult[] = [];
  for (const [name, steps] of file.tests)
    tests.push(await new Run(options).test(name, steps, file));
  return { path: file.path, verdict: verdictOf(tests), tests, detail: "" };
}

function verdictOf(tests: readonly TestResult[]): Verdict {
  const order: readonly Verdict[] = ["fail", "pass", "refused", "skip"];
  return order.find((verdict) => tests.some((test) => test.verdict === verdict)) ?? "skip";
}

function reasonToSkip(file: TestFile): string | undefined {
  if (!file.requires.stack) return "requires stack: false";
  if (file.requires.featureFlags.length > 0)
    return `requires feature flag ${file.requires.featureFlags.join()}`;
  return file.tests.size === 0 ? "has no tests" : undefined;
}

/** Runner features that every run has: naming one is no reason to skip. */
const commonFeatures: ReadonlySet<string> = new Set([
  "allowed_warnings",
  "arbitrary_key",
  "close_to",
  "contains",
  "gtelte",
  "headers",
  "regex",
  "stash_in_key",
  "stash_in_path",
  "warnings",
]);

class Run {
  readonly #options: RunOptions;
  readonly #stash = new Map<string, unknown>();
  readonly #loosened: string[] = [];
  #held = 0;
  #body: unknown;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async test(name: string, steps: readonly RawStep[], file: TestFile): Promise<TestResult> {
    const reason = this.#options.reasonToSkip?.(file.path, name);
    if (reason !== undefined)
      return { name, verdict: "skip", assertions: 0, loosened: [], detail: reason };
    let stopped: unknown;
    try {
      await this.#steps("setup", file.setup);
      this.#body = undefined;
      await this.#steps(name, steps);
    } catch (error) {
      stopped = error;
    }
    // What went wrong first is what matters: an index that was never created cannot be deleted.
    await this.#steps("teardown", file.teardown).catch((error: unknown) => (stopped ??= error));
    await this.#options.wipe?.();
    const verdict = verdictOfStop(stopped);
    const detail = stopped === undefined ? "" : messageOf(stopped);
    return { name, verdict, assertions: this.#held, loosened: this.#loosened, detail };
  }

  async #steps(section: string, steps: readonly RawStep[]): Promise<void> {
    for (const [at, step] of steps.entries()) {
      try {
        await this.#step(step);
      } catch (error) {
        if (error instanceof NotAsked || error instanceof Refused) throw error;
        throw new Error(`"${section}" step ${at + 1} (${step.keyword}): ${messageOf(error)}`, {
          cause: error,
        });
      }
    }
  }

  async #step({ keyword, argument }: RawStep): Promise<void> {
    if (keyword === "do") return this.#do(parseCall(argument));
    if (keyword === "set") return this.#set(argument);
    if (keyword === "skip") return this.#skip(argument);
    const check = assertions.get(keyword);
    if (check === undefined) throw new Error(`unknown keyword ${keyword}`);
    for (const result of check(argument, this.#context())) {
      if (result.kind === "failed") throw new Error(result.detail);
      if (result.kind === "loosened") this.#loosened.push(result.detail);
      this.#held += 1;
    }
    return undefined;
  }

  #context(): AssertionContext {
    const { hasVerbosePatterns = false, ignoredPaths } = this.#options;
    const context = { body: this.#body, stash: this.#stash, hasVerbosePatterns };
    return ignoredPaths === undefined ? context : { ...context, ignoredPaths };
  }

  async #do(call: Call): Promise<void> {
    const parameters = fillIn(call.parameters, this.#stash) as Record<string, unknown>;
    const headers = fillIn(call.headers, this.#stash) as Record<string, string>;
    const { body, error, warnings } = await this.#options.call({ ...call, parameters, headers });
    this.#body = body;
    for (const wanted of call.warnings) {
      if (!warnings.some((warning) => warning.includes(wanted)))
        throw new Error(`${call.api}: no warning "${wanted}"`);
      this.#held += 1;
    }
    if (call.expectedError === undefined) {
      if (error !== undefined) throw new Error(`${call.api}: ${error.text}`);
      return;
    }
    if (error === undefined)
      throw new Error(`${call.api}: no error, but ${call.expectedError} was expected`);
    if (!isExpectedError(error, call.expectedError)) {
      throw new Error(`${call.api}: another error than ${call.expectedError}: ${error.text}`);
    }
    this.#held += 1;
  }

  #set(argument: unknown): void {
    if (!isMap(argument)) throw new Error("set: the argument is not a map");
    for (const [path, name] of Object.entries(argument)) {
      const value = valueAt(this.#body, path, this.#stash);
      if (value === undefined) throw new Error(`set: the answer has no ${path}`);
      this.#stash.set(String(name), value);
    }
  }

  #skip(argument: unknown): void {
    const { features = [], version, reason = "", ...rest } = isMap(argument) ? argument : {};
    const has = (name: string): boolean =>
      commonFeatures.has(name) || this.#options.features?.has(name) === true;
    const missing = [features]
      .flat()
      .map(String)
      .filter((name) => !has(name));
    const others = [...missing, ...Object.keys(rest)];
    if (others.length > 0) throw new NotAsked(`skip ${others.join(", ")} ${String(reason)}`.trim());
    if (typeof version === "string" && isInRange(this.#options.version, version)) {
      throw new NotAsked(`skip version ${version} ${String(reason)}`.trim());
    }
  }
}

function verdictOfStop(stopped: unknown): Verdict {
  if (stopped === undefined) return "pass";
  if (stopped instanceof NotAsked) return "skip";
  return stopped instanceof Refused ? "refused" : "fail";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
