/** Lexical modes of ES|QL: which command the lexer is in, and in how many brackets. */
import type { QueryTokenKind } from "./query-token.ts";

export type EsqlMode =
  | "command"
  | "expression"
  | "source"
  | "join"
  | "policy"
  | "project"
  | "promql";

/** An open bracket, or the whole query. */
interface Level {
  mode: EsqlMode;
  /** A `|` at this level begins the next command. */
  readonly isPipeline: boolean;
  /** The command is FORK or EXPLAIN, whose brackets hold pipelines. */
  holdsPipelines: boolean;
}

/** Follows the tokens of a query and tells the mode in which to read the next one. */
export class EsqlModes {
  readonly #levels: Level[] = [];
  #level: Level = pipelineLevel();
  #lastWord = "";

  get mode(): EsqlMode {
    return this.#level.mode;
  }

  /** Words that are keywords and no index names in the current mode. */
  get sourceKeywords(): ReadonlySet<string> {
    if (this.#level.mode === "join") return joinKeywords;
    return this.#level.mode === "source" ? sourceKeywords : noKeywords;
  }

  /**
   * Takes notice of a token.
   *
   * @param ahead for an opening bracket: a source command that follows and the word behind it
   * @returns whether the token opens a bracket that holds a pipeline
   */
  pass(kind: QueryTokenKind, text: string, ahead: string): boolean {
    const level = this.#level;
    const previousWord = this.#lastWord;
    this.#lastWord = kind === "word" ? text.toLowerCase() : "";
    if (kind === "command") this.#enter(text.toLowerCase());
    else if (kind === "word") this.#passWord();
    else if (kind === "operator") {
      if (text === "(" || text === "[" || text === "{") {
        return this.#open(text, previousWord, ahead);
      }
      if (text === ")" || text === "]" || text === "}") this.#close();
      else if (level.isPipeline && (text === "|" || text === ";")) this.#nextCommand();
    }
    return false;
  }

  #nextCommand(): void {
    this.#level.mode = "command";
    this.#level.holdsPipelines = false;
  }

  #enter(command: string): void {
    const level = this.#level;
    // `INLINE STATS` has two words.
    level.mode = command === "inline" ? "command" : (commandModes.get(command) ?? "expression");
    level.holdsPipelines = command === "fork" || command === "explain";
  }

  #passWord(): void {
    const level = this.#level;
    if (level.mode === "join" && (this.#lastWord === "on" || this.#lastWord === "using")) {
      level.mode = "expression";
    } else if (level.mode === "policy") level.mode = "project";
  }

  #open(text: string, previousWord: string, ahead: string): boolean {
    const { mode } = this.#level;
    const isPipeline = text !== "{" && this.#opensPipeline(text, previousWord, ahead);
    if (this.#levels.length < maxLevels) this.#levels.push(this.#level);
    if (isPipeline) this.#level = pipelineLevel();
    else {
      const inner = mode === "promql" ? "promql" : "expression";
      this.#level = { mode: inner, isPipeline: false, holdsPipelines: false };
    }
    return isPipeline;
  }

  #opensPipeline(text: string, previousWord: string, ahead: string): boolean {
    const { mode, holdsPipelines } = this.#level;
    if (holdsPipelines) return true;
    if (text !== "(") return false;
    if (mode === "source" || mode === "command") return true;
    const [command = "", next = ""] = ahead.split(" ");
    if (command === "" || mode === "promql") return false;
    // `IN (FROM …)`: Elasticsearch takes the word for a command here, whatever follows.
    if (previousWord === "in") return true;
    // Elsewhere a column may have that name: then an operator or one of its words follows.
    return next !== "" && next !== "(" && !operatorWords.has(next);
  }

  #close(): void {
    const outer = this.#levels.pop();
    if (outer !== undefined) this.#level = outer;
  }
}

function pipelineLevel(): Level {
  return { mode: "command", isPipeline: true, holdsPipelines: false };
}

/** Deeper brackets are read as if they were one: no query that runs has so many. */
const maxLevels = 1000;

const commandModes: ReadonlyMap<string, EsqlMode> = new Map([
  ["from", "source"],
  ["ts", "source"],
  ["metrics", "source"],
  ["lookup", "join"],
  ["left", "join"],
  ["right", "join"],
  ["full", "join"],
  ["enrich", "policy"],
  ["keep", "project"],
  ["drop", "project"],
  ["rename", "project"],
  ["promql", "promql"],
]);

const noKeywords: ReadonlySet<string> = new Set();
const sourceKeywords: ReadonlySet<string> = new Set(["metadata"]);
const joinKeywords: ReadonlySet<string> = new Set(["join", "as", "on", "using"]);
const operatorWords: ReadonlySet<string> = new Set([
  "and",
  "or",
  "in",
  "is",
  "like",
  "not",
  "rlike",
]);
