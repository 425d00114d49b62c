/** Columns by their names on the command line. */
import {
  columnOf,
  entryColumns,
  suggestColumn,
  type EntryColumn,
} from "../../audit/read/entry-columns.ts";
import { readField } from "../../kql/record-fields.ts";
import { columns } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

/** What tables show unless other columns are asked for. */
export const tableColumns = "time,user,action,index,status,ms,ref";
/** The same for programs. */
export const dataColumns = "time,id,user,source,method,url,action,index,status,outcome,ms,in,out";

/** Columns that only facts fill. */
const factsNames: ReadonlySet<string> = new Set(["docs", "took", "fingerprint"]);

/** The columns of a list of names. @throws {UsageError} with a suggestion for a name of none */
export function columnsOf(command: string, names: string): readonly EntryColumn[] {
  return names
    .split(",")
    .filter((name) => name !== "")
    .map((name) => columnNamed(command, name.trim()));
}

/** One column. @throws {UsageError} */
export function columnNamed(command: string, name: string): EntryColumn {
  const column = columnOf(name);
  if (column !== undefined) return column;
  const meant = suggestColumn(name);
  const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
  throw new UsageError(command, `there is no column ${JSON.stringify(name)}${hint}`);
}

/** Whether a column is of the reads that calls are parts of, which is worked out for it. */
export function showsReads({ name }: EntryColumn): boolean {
  return name === "read" || name === readField;
}

/** Whether a column is empty without facts, by its name. */
export function isOfFacts(name: string): boolean {
  return factsNames.has(name) || name.startsWith("es_proxy.facts.");
}

/** The names that have a short form, for the help. */
export function columnHelp(): string {
  const rows = entryColumns
    .filter(({ help }) => help !== "")
    .map(({ name, help }) => [name, help] as const);
  return `Columns, beside any field of records such as user_agent.original:\n${columns(rows)}`;
}
