/** Operands that name one entry. */
import { FactsReader } from "../../audit/facts/facts-reader.ts";
import { CatalogError } from "../../audit/read/catalog.ts";
import { findEntry } from "../../audit/read/find-entry.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { TrailIndex } from "../../audit/index/trail-index.ts";
import { UsageError } from "../usage-error.ts";
import type { ReadReport } from "./read-report.ts";

/** Parts of an id that are given without the rest are at least so long. Characters. */
const leastIdPart = 6;

/** An id, or its last digits. @throws {UsageError} for anything else */
export function checkedId(command: string, id: string): string {
  if (/^[0-9a-f-]*$/i.test(id) && id.length >= leastIdPart) return id;
  throw new UsageError(command, `<id> is an id or at least its last ${leastIdPart} digits`);
}

/** The entry with this id; tells on stderr when there is none. */
export async function entryWithId(
  command: string,
  directory: string,
  id: string,
  report: ReadReport,
): Promise<TrailEntry | undefined> {
  const facts = new FactsReader(directory);
  const index = new TrailIndex(directory, report.indexNotice);
  try {
    const entry = await findEntry(directory, id, report, index);
    if (entry === undefined)
      process.stderr.write(`es-proxy ${command}: nothing in ${directory} has the id ${id}\n`);
    else entry.factsLine = facts.factsOf(entry);
    return entry;
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    process.stderr.write(`es-proxy ${command}: ${error.message}\n`);
    return undefined;
  } finally {
    facts.close();
    index.close();
  }
}
