/** What an ES|QL query reads. */
import { splitIndexList } from "../names/index-list.ts";
import { tokenizeEsql } from "./esql-lexer.ts";
import { type EsqlColumns, columnsOf } from "./esql-columns.ts";
import { type EsqlCommand, type EsqlPipeline, parseEsql } from "./esql-pipeline.ts";
import { type QuerySource, type QuerySourceKind, SourceList } from "./query-source.ts";
import { isOperator, lowerCase, type QueryToken } from "./query-token.ts";
import { nameValue, stringValue } from "./quoted-text.ts";

/** Sources and shape of an ES|QL query, as far as its text tells. */
export interface EsqlSources {
  /** In the order of the text, the first 1,000. */
  readonly sources: readonly QuerySource[];
  readonly sourceTotal: number;
  /** Names of the commands of the outermost pipeline, in lower case; the first 200. */
  readonly commands: readonly string[];
  readonly columns: EsqlColumns;
  /** False when part of the query could not be read; then sources may be missing. */
  readonly isWhole: boolean;
}

/**
 * Finds the sources of an ES|QL query: FROM and TS with subqueries, PROMQL (no `index`: every time
 * series), LOOKUP JOIN, ENRICH. ROW and SHOW have none.
 */
export function esqlSources(query: string): EsqlSources {
  const structure = parseEsql(tokenizeEsql(query));
  const list = new SourceList();
  addSources(structure.pipeline, list, 0);
  return {
    sources: list.items,
    sourceTotal: list.total,
    commands: structure.pipeline.commands.slice(0, maxCommands).map(({ name }) => name),
    columns: columnsOf(structure),
    isWhole: structure.isWhole,
  };
}

/** Commands of a pipeline that are listed; people write a dozen. */
const maxCommands = 200;

function addSources(pipeline: EsqlPipeline, list: SourceList, nesting: number): void {
  for (const command of pipeline.commands) {
    for (const { kind, expression, mode } of commandSources(command)) {
      const mayBeView = kind === "index" && !expression.includes("::");
      list.add({ kind, expression, mode, mayBeView, nesting });
    }
    for (const inner of command.pipelines) addSources(inner, list, nesting + 1);
  }
}

interface FoundSource {
  readonly kind: QuerySourceKind;
  readonly expression: string;
  readonly mode: string | undefined;
}

function commandSources({ name, tokens }: EsqlCommand): FoundSource[] {
  switch (name) {
    case "from":
      return expressionsIn(tokens).map((expression) => source("index", expression));
    case "ts":
    case "metrics":
      return expressionsIn(tokens).map((expression) => source("time_series", expression));
    case "promql":
      return promqlIndices(tokens).map((expression) => source("time_series", expression));
    case "lookup":
    case "lookup join":
    case "left":
    case "right":
    case "full":
      return joinTarget(tokens).map((expression) => source("lookup", expression));
    case "enrich":
      return enrichPolicy(tokens);
    default:
      return [];
  }
}

function source(kind: QuerySourceKind, expression: string): FoundSource {
  return { kind, expression, mode: undefined };
}

/** Items of a list of sources, up to the first token that belongs to none. */
function expressionsIn(tokens: readonly QueryToken[]): string[] {
  const expressions: string[] = [];
  let current = "";
  const end = (): void => {
    // A quoted source may be a list itself.
    for (const item of splitIndexList(current, current.length).items) expressions.push(item);
    current = "";
  };
  for (const token of tokens) {
    if (token.kind === "source") current += stringValue(token.text);
    else if (isOperator(token, ":") || isOperator(token, "::")) current += token.text;
    else if (isOperator(token, ",")) end();
    // Brackets of a subquery stand alone between commas.
    else if (!isOperator(token, "(") && !isOperator(token, ")")) break;
  }
  end();
  return expressions;
}

/** The value of the parameter `index`; PROMQL without one reads every time series. */
function promqlIndices(tokens: readonly QueryToken[]): string[] {
  for (let at = 0; at + 1 < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || !isOperator(tokens[at + 1], "=")) continue;
    if (tokens[at + 2]?.kind !== "source") continue;
    if (nameValue(token.text).toLowerCase() === "index") return expressionsIn(tokens.slice(at + 2));
  }
  return ["*"];
}

function joinTarget(tokens: readonly QueryToken[]): string[] {
  const start = lowerCase(tokens[0]) === "join" ? 1 : 0;
  return expressionsIn(tokens.slice(start));
}

function enrichPolicy(tokens: readonly QueryToken[]): FoundSource[] {
  const token = tokens.find(({ kind }) => kind === "source");
  if (token === undefined) return [];
  const text = stringValue(token.text);
  const colon = text.startsWith("_") ? text.indexOf(":") : -1;
  const mode = colon < 0 ? undefined : text.slice(1, colon).toLowerCase();
  return [{ kind: "enrich_policy", expression: text.slice(colon + 1), mode }];
}
