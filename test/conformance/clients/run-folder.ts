import { Client } from "@elastic/elasticsearch";
import { type FileResult, runFile } from "./run-file.ts";
import { listTestFiles, readTestFile } from "./test-file.ts";

/**
 * Runs every test file below a folder against one server, one after the other, with one official
 * client.
 *
 * @param client closed at the end; default: a client with the default options
 * @throws {Error} when the folder holds no test file
 */
export async function runFolder(
  folder: string,
  url: string,
  client = new Client({ node: url }),
): Promise<FileResult[]> {
  const paths = await listTestFiles(folder);
  if (paths.length === 0) throw new Error(`${folder}: no test files`);
  try {
    const results: FileResult[] = [];
    for (const path of paths) results.push(await runPath(client, folder, path));
    return results;
  } finally {
    await client.close();
  }
}

async function runPath(client: Client, folder: string, path: string): Promise<FileResult> {
  try {
    return await runFile(client, await readTestFile(folder, path));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { path, verdict: "fail", tests: 0, assertions: 0, loosened: [], detail };
  }
}

/** The table of results: one line for each file, then the sums. */
export function toTable(results: readonly FileResult[]): string {
  const width = Math.max(...results.map((result) => result.path.length));
  const lines = results.map((result) => {
    const counts = `${String(result.tests).padStart(2)} tests ${String(result.assertions).padStart(3)} assertions`;
    const loosened = result.loosened.length === 0 ? "" : ` (${result.loosened.length} loosened)`;
    return `${result.verdict.padEnd(12)} ${result.path.padEnd(width)} ${counts}${loosened}  ${result.detail}`.trimEnd();
  });
  const count = (verdict: string): number =>
    results.filter((result) => result.verdict === verdict).length;
  const loosened = results.reduce((sum, result) => sum + result.loosened.length, 0);
  const sums =
    `${results.length} files: ${count("pass")} passed, ${count("fail")} failed, ${count("skip")} skipped by their own ` +
    `word, ${count("out of scope")} out of scope (endpoint refused); ${loosened} comparisons loosened`;
  return [...lines, "", sums].join("\n");
}
