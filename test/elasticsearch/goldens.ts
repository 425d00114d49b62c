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

/**
 * Writes the goldens of a group, one answer a line so that a changed answer is one changed line.
 */
export async function writeGoldens(group: string, goldens: Goldens): Promise<void> {
  const lines = goldens.answers.map((answer) =>
    JSON.stringify({ ...answer, body: withSortedKeys(answer.body) }),
  );
  const text = `{"elasticsearch":${JSON.stringify(goldens.elasticsearch)},"answers":[\n${lines.join(",\n")}\n]}\n`;
  await writeFile(fileOf(group), text);
}

/** An answer of version 7 without what newer versions say otherwise everywhere. */
export function asNewer(answer: Answer): Answer {
  const text = JSON.stringify(answer.body) ?? "";
  const body: unknown = text === "" ? undefined : JSON.parse(text, withoutType);
  return { ...answer, headers: {}, body };
}

function withoutType(key: string, value: unknown): unknown {
  if (key === "timestamp") return "<time>";
  return key === "_type" || (key === "_version" && value === "-3") ? undefined : value;
}

/**
 * The order of keys is not compared, and some answers list indices in an order that differs from
 * run to run.
 */
function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, withSortedKeys(entry)]));
}

function fileOf(group: string): URL {
  return new URL(`goldens/${group}.json`, import.meta.url);
}
