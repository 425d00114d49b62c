/** Pages of reads by their places in the files of facts: of a segment with an index. */
import type { Buffer } from "node:buffer";
import { join } from "node:path";

import { hasErrorCode } from "../../core/system-error.ts";
import { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { DocumentsFile } from "../facts/documents-file.ts";
import { factsEnding, factsStem } from "../facts/facts-files.ts";
import { readDocumentsLine, readPageLine } from "../facts/facts-line.ts";
import { LineFile } from "../facts/line-file.ts";
import type { Segment } from "../read/segment.ts";
import type { FoundEntry } from "./index-file.ts";

/**
 * The pages of some entries, in their order; entries without one are left out.
 *
 * @param onPage is told the number of each
 * @throws {Error} of the file system
 */
export function* indexedPages(
  directory: string,
  segment: Segment,
  entries: readonly FoundEntry[],
  onPage?: (id: string, number: number) => void,
): Generator<ReadPage, undefined> {
  if (entries.length === 0) return;
  const files = openFiles(directory, segment);
  if (files === undefined) return;
  const { facts, documents } = files;
  try {
    for (const { number, factsAt, documentsAt } of entries) {
      const line = factsAt === undefined ? undefined : facts.lineAt(factsAt);
      if (line === undefined) continue;
      const lines = documentsAt === undefined ? [] : documents.linesAt(documentsAt);
      const page = readPageLine(line, sketchOf(lines));
      if (page === undefined) continue;
      onPage?.(page.id, number);
      yield page;
    }
  } finally {
    facts.close();
    documents.close();
  }
}

/** `undefined`: the segment was pruned or encrypted meanwhile, and its facts with it. */
function openFiles(
  directory: string,
  segment: Segment,
): { readonly facts: LineFile; readonly documents: DocumentsFile } | undefined {
  let facts: LineFile | undefined;
  try {
    facts = new LineFile(join(directory, factsStem(segment) + factsEnding));
    return { facts, documents: new DocumentsFile(directory, segment) };
  } catch (error) {
    facts?.close();
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The documents that an answer told; `undefined`: none, as for an exchange without lines. */
function sketchOf(lines: Iterable<Buffer>): DistinctSketch | undefined {
  let sketch: DistinctSketch | undefined;
  for (const line of lines) {
    const read = readDocumentsLine(line)?.uses.read;
    if (read === undefined) continue;
    sketch ??= new DistinctSketch();
    for (const [index, ids] of read) for (const id of ids) sketch.add(index, id);
  }
  return sketch;
}
