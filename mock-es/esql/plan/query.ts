/** Runs a query. */
import { dropStep, keepStep, renameStep } from "../commands/columns.ts";
import {
  type EnrichSources,
  enrichStep,
  type LookupSource,
  lookupStep,
} from "../commands/joins.ts";
import { evalStep, expandStep, limitStep, rowStep, sortStep, whereStep } from "../commands/rows.ts";
import { statsStep } from "../commands/stats.ts";
import type { Step, StepContext } from "../commands/step.ts";
import { textsStep } from "../commands/texts.ts";
import { parseQuery } from "../syntax/command-parser.ts";
import type { Parameters } from "../syntax/parameters.ts";
import type { Command } from "../syntax/syntax.ts";
import type { Row } from "../values/value.ts";
import { Analysis, type Attribute } from "./analysis.ts";
import type { Surroundings } from "./surroundings.ts";

/** Where FROM has its rows from. */
export interface Source {
  readonly columns: readonly Attribute[];
  readonly rows: () => readonly Row[];
  readonly search: Surroundings["search"];
}

/** What a query is run with. */
export interface QueryOptions {
  readonly parameters: Parameters;
  readonly nowMs: number;
  /** Opens the indices of FROM. */
  readonly open: (command: Extract<Command, { kind: "from" }>, analysis: Analysis) => Source;
  /** Opens the index of LOOKUP JOIN. */
  readonly openLookup: (
    command: Extract<Command, { kind: "lookup" }>,
    analysis: Analysis,
  ) => LookupSource;
  readonly enrich: EnrichSources;
  /** What `SHOW INFO` tells. */
  readonly info: { readonly version: string; readonly date: string; readonly hash: string };
}

/** What a query found. */
export interface Table {
  readonly columns: readonly Attribute[];
  readonly rows: readonly Row[];
  /** Texts of the `Warning` fields. */
  readonly warnings: readonly string[];
  /** Documents that were read. */
  readonly documents: number;
}

/** The result of a query, and how it was asked for. */
export interface QueryResult {
  readonly table: Table;
  readonly isColumnar: boolean;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  /** Milliseconds. */
  readonly took: number;
  /** Until when it is kept, if it is: milliseconds since the epoch. */
  readonly expiresMs: number;
}

/** Commands behind which no documents are searched. */
const noDocuments: ReadonlySet<string> = new Set(
  "stats limit mv_expand dissect grok enrich lookup".split(" "),
);

/** Commands over which the server moves no condition. */
const barriers: ReadonlySet<string> = new Set(["stats", "limit", "mv_expand"]);

/** Rows that a query without LIMIT gives, and the most with one. */
const defaultLimit = 1000;
const maxLimit = 10_000;

/**
 * Runs a query.
 *
 * @throws {EsError} 400 `parsing_exception`, `verification_exception`, or a refusal with its place
 */
export function runQuery(query: string, options: QueryOptions): Table {
  const commands = parseQuery(query, options.parameters);
  const analysis = new Analysis(query, options.nowMs);
  const hasLimit = commands.some(({ kind }) => kind === "limit");
  if (!hasLimit)
    analysis.warnings.add(`No limit defined, adding default limit of [${defaultLimit}]`);
  let documents = 0;
  let isLimited = false;
  let search: Surroundings["search"];
  let push: Surroundings["push"];
  let columns: readonly Attribute[] = [];
  const steps: Step[] = [];
  for (const command of commands) {
    let step: Step;
    if (command.kind === "from") {
      const source = options.open(command, analysis);
      ({ search } = source);
      push = search;
      step = {
        columns: source.columns,
        run() {
          const rows = source.rows();
          documents = rows.length;
          return rows;
        },
      };
    } else {
      step = stepOf(command, { analysis, columns, search, push, isLimited }, options);
      if (command.kind === "limit") isLimited = true;
      // Beyond these, rows are no documents of an index.
      if (noDocuments.has(command.kind)) search = undefined;
      if (barriers.has(command.kind)) push = undefined;
    }
    analysis.check();
    ({ columns } = step);
    steps.push(step);
  }
  const shown = columns.flatMap((column, at) => (column.isHidden === true ? [] : [{ column, at }]));
  refuseColumns(
    analysis,
    shown.map(({ column }) => column),
  );
  const all = steps.reduce<readonly Row[]>((rows, step) => step.run(rows), []);
  const rows = all.slice(0, hasLimit ? maxLimit : defaultLimit);
  return {
    columns: shown.map(({ column }) => column),
    rows: rows.map((row) => shown.map(({ at }) => row[at] ?? null)),
    warnings: analysis.warnings.lines,
    documents,
  };
}

/** Fields whose values are not imitated may be there, but not be shown. */
function refuseColumns(analysis: Analysis, columns: readonly Attribute[]): void {
  for (const { name, type, originalTypes = [] } of columns)
    if (type === "unsupported")
      throw analysis.unsupported(
        { start: 0 },
        `the field [${name}] of the type [${originalTypes.join(",")}] in an answer (DROP or KEEP can leave it out)`,
      );
}

function stepOf(command: Command, context: StepContext, options: QueryOptions): Step {
  switch (command.kind) {
    case "row":
      return rowStep(command, context);
    case "show":
      return showStep(options.info);
    case "where":
      return whereStep(command, context);
    case "eval":
      return evalStep(command, context);
    case "stats":
      return statsStep(command, context);
    case "sort":
      return sortStep(command, context);
    case "limit":
      return limitStep(command, context);
    case "keep":
      return keepStep({ ...command, kind: "keep" }, context);
    case "drop":
      return dropStep({ ...command, kind: "drop" }, context);
    case "rename":
      return renameStep(command, context);
    case "mv_expand":
      return expandStep(command, context);
    case "dissect":
    case "grok":
      return textsStep(command, context);
    case "enrich":
      return enrichStep(command, context, options.enrich);
    case "lookup":
      return lookupStep(command, context, options.openLookup(command, context.analysis));
    case "from":
      throw new Error("FROM is opened, not run");
  }
}

function showStep({ version, date, hash }: QueryOptions["info"]): Step {
  const columns = ["version", "date", "hash"].map((name): Attribute => ({ name, type: "keyword" }));
  return { columns, run: () => [[version, date, hash]] };
}
