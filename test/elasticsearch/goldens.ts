import { readFile, writeFile } from "node:fs/promises";
import type { Answer } from "./corpus/replay.ts";

/** Recorded answers of a real node to one group of the corpus. */
export interface Goldens {
  /** Version of Elasticsearch that gave the answers. */
  readonly elasticsearch: string;
  readonly answers: readonly Answer[];
}

/** Reads the goldens of a group. @throws {Error} when none were recorded */
export async function readGoldens(group: string): Promise<Goldens> {
  return JSON.parse(await readFile(fileOf(group), "utf8")) as Goldens;
}

/** Writes the goldens of a group, one answer a line so that a changed answer is one changed line. */
export async function writeGoldens(group: string, goldens: Goldens): Promise<void> {
  const lines = goldens.answers.map((answer) => JSON.stringify(answer));
  const text = `{"elasticsearch":${JSON.stringify(goldens.elasticsearch)},"answers":[\n${lines.join(",\n")}\n]}\n`;
  await writeFile(fileOf(group), text);
}

function fileOf(group: string): URL {
  return new URL(`goldens/${group}.json`, import.meta.url);
}
