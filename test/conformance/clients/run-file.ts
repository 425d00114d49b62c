import type { Client } from "@elastic/elasticsearch";
import { assertions } from "./assertions.ts";
import { type Call, EndpointRefused, isExpectedError, makeCall, parseCall } from "./client-call.ts";
import { fillIn, valueAt } from "./stash.ts";
import { isMap, type RawStep, type TestFile } from "./test-file.ts";

/** How a file ended. `out of scope`: the server does not have an endpoint that the file needs. */
export type Verdict = "pass" | "fail" | "skip" | "out of scope";

/** The result of one file. */
export interface FileResult {
  readonly path: string;
  readonly verdict: Verdict;
  /** Tests that ran to their end. */
  readonly tests: number;
  /** Assertions that held, `catch` and `warnings` included. */
  readonly assertions: number;
  /** Assertions that held only as Elastic's own runner compares. */
  readonly loosened: readonly string[];
  /** Why it failed or did not run. */
  readonly detail: string;
}

/** Runs the tests of one file: setup, test and teardown for each, teardown also after a failure. */
export async function runFile(client: Client, file: TestFile): Promise<FileResult> {
  const skipped = reasonToSkip(file);
  const run = new Run(client);
  const finish = (verdict: Verdict, detail: string): FileResult => {
    return {
      path: file.path,
      verdict,
      tests: run.tests,
      assertions: run.held,
      loosened: run.loosened,
      detail,
    };
  };
  if (skipped !== undefined) return finish("skip", skipped);
  try {
    for (const [name, steps] of file.tests) await run.test(name, steps, file);
    return finish("pass", run.skips.join("; "));
  } catch (error) {
    return finish(error instanceof EndpointRefused ? "out of scope" : "fail", messageOf(error));
  }
}

function reasonToSkip(file: TestFile): string | undefined {
  if (!file.requires.stack) return "requires stack: false";
  if (file.requires.featureFlags.length > 0)
    return `requires feature flag ${file.requires.featureFlags.join()}`;
  return file.tests.size === 0 ? "has no tests" : undefined;
}

/** Thrown by a `skip` step. */
class Skipped extends Error {}

class Run {
  tests = 0;
  held = 0;
  readonly loosened: string[] = [];
  readonly skips: string[] = [];
  readonly #client: Client;
  #stash = new Map<string, unknown>();
  #body: unknown;

  constructor(client: Client) {
    this.#client = client;
  }

  async test(name: string, steps: readonly RawStep[], file: TestFile): Promise<void> {
    this.#stash = new Map();
    let failure: unknown;
    try {
      await this.#steps("setup", file.setup);
      await this.#steps(name, steps);
      this.tests += 1;
    } catch (error) {
      if (error instanceof Skipped) this.skips.push(`"${name}": ${error.message}`);
      else failure = error;
    }
    // What went wrong first is what matters: an index that was never created cannot be deleted.
    await this.#steps("teardown", file.teardown).catch((error: unknown) => (failure ??= error));
    if (failure !== undefined) throw failure;
  }

  async #steps(section: string, steps: readonly RawStep[]): Promise<void> {
    for (const [at, step] of steps.entries()) {
      try {
        await this.#step(step);
      } catch (error) {
        if (error instanceof Skipped || error instanceof EndpointRefused) throw error;
        throw new Error(`"${section}" step ${at + 1} (${step.keyword}): ${messageOf(error)}`, {
          cause: error,
        });
      }
    }
  }

  async #step({ keyword, argument }: RawStep): Promise<void> {
    if (keyword === "do") return this.#do(parseCall(argument));
    if (keyword === "set") return this.#set(argument);
    if (keyword === "skip") return skip(argument);
    const check = assertions.get(keyword);
    if (check === undefined) throw new Error(`unknown keyword ${keyword}`);
    for (const result of check(argument, { body: this.#body, stash: this.#stash })) {
      if (result.kind === "failed") throw new Error(result.detail);
      if (result.kind === "loosened") this.loosened.push(result.detail);
      this.held += 1;
    }
    return undefined;
  }

  async #do(call: Call): Promise<void> {
    const parameters = fillIn(call.parameters, this.#stash) as Record<string, unknown>;
    const { body, error, warnings } = await makeCall(this.#client, { ...call, parameters });
    this.#body = body;
    for (const wanted of call.warnings) {
      if (!warnings.some((warning) => warning.includes(wanted)))
        throw new Error(`${call.api}: no warning "${wanted}"`);
      this.held += 1;
    }
    if (call.expectedError === undefined) {
      if (error !== undefined) throw new Error(`${call.api}: ${error.message}`);
      return;
    }
    if (error === undefined)
      throw new Error(`${call.api}: no error, but ${call.expectedError} was expected`);
    if (!isExpectedError(error, call.expectedError)) {
      throw new Error(`${call.api}: another error than ${call.expectedError}: ${error.message}`);
    }
    this.held += 1;
  }

  #set(argument: unknown): void {
    if (!isMap(argument)) throw new Error("set: the argument is not a map");
    for (const [path, name] of Object.entries(argument)) {
      const value = valueAt(this.#body, path, this.#stash);
      if (value === undefined) throw new Error(`set: the answer has no ${path}`);
      this.#stash.set(String(name), value);
    }
  }
}

/** Runner features that this runner has: naming one is no reason to skip. */
const features = new Set(["headers", "warnings", "allowed_warnings", "contains", "gtelte"]);

function skip(argument: unknown): void {
  const { features: needed = [], reason = "", ...rest } = isMap(argument) ? argument : {};
  const missing = [needed]
    .flat()
    .map(String)
    .filter((name) => !features.has(name));
  if (missing.length > 0 || Object.keys(rest).length > 0) {
    throw new Skipped(
      `skip ${[...missing, ...Object.keys(rest)].join(", ")} ${String(reason)}`.trim(),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
