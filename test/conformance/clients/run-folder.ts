/** Runs the YAML files below a folder, and shows the results. */
import {
  type FileResult,
  runFile,
  type RunOptions,
  type TestResult,
  type Verdict,
} from "./run-file.ts";
import { listTestFiles, readTestFile } from "./test-file.ts";

/**
 * Runs every test file below a folder, one after the other.
 *
 * @param isWanted chooses files by their path; default: all
 * @throws {Error} when the folder holds no test file
 */
export async function runFolder(
  folder: string,
  options: RunOptions,
  isWanted: (path: string) => boolean = () => true,
): Promise<FileResult[]> {
  const paths = (await listTestFiles(folder)).filter(isWanted);
  if (paths.length === 0) throw new Error(`${folder}: no test files`);
  const results: FileResult[] = [];
  for (const path of paths) results.push(await runPath(folder, path, options));
  return results;
}

async function runPath(folder: string, path: string, options: RunOptions): Promise<FileResult> {
  try {
    return await runFile(await readTestFile(folder, path), options);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { path, verdict: "fail", tests: [], detail };
  }
}

/** The table of results: one line for each file, one for each test that did not pass, the sums. */
export function toTable(results: readonly FileResult[]): string {
  const width = Math.max(...results.map((result) => result.path.length));
  const lines = results.flatMap((result) => [fileLine(result, width), ...testLines(result)]);
  return [...lines, "", sumLine(results)].join("\n");
}

function fileLine(result: FileResult, width: number): string {
  const { tests } = result;
  const assertions = tests.reduce((sum, test) => sum + test.assertions, 0);
  const loosened = tests.reduce((sum, test) => sum + test.loosened.length, 0);
  const counts =
    `${String(tests.length).padStart(2)} tests ` +
    `${String(assertions).padStart(3)} assertions${loosened === 0 ? "" : ` (${loosened} loosened)`}`;
  const name = result.path.padEnd(width);
  return `${result.verdict.padEnd(7)} ${name} ${counts}  ${result.detail}`.trimEnd();
}

function testLines(result: FileResult): string[] {
  return result.tests
    .filter((test) => test.verdict !== "pass")
    .map((test) => `        ${test.verdict}: ${test.name}: ${test.detail}`);
}

/** The sums of some results, in one line. */
export function sumLine(results: readonly FileResult[]): string {
  const tests = results.flatMap((result) => result.tests);
  const loosened = tests.reduce((sum, test) => sum + test.loosened.length, 0);
  return (
    `${results.length} files: ${countsOf(results)}\n` +
    `${tests.length} tests: ${countsOf(tests)}; ${loosened} comparisons loosened`
  );
}

function countsOf(results: readonly (FileResult | TestResult)[]): string {
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  return (
    `${count("pass")} passed, ${count("fail")} failed, ${count("refused")} refused by name, ` +
    `${count("skip")} skipped by their own word`
  );
}
