/** The structure of an ES|QL query: pipelines of commands, some of which hold pipelines again. */
import { isOperator, lowerCase, type QueryToken, type QueryTokens } from "./query-token.ts";

/** One command with what follows its name. */
export interface EsqlCommand {
  /** In lower case, words joined: `from`, `stats`, `inline stats`, `lookup join`. */
  readonly name: string;
  /** Without those of nested pipelines; their brackets are there. */
  readonly tokens: readonly QueryToken[];
  /** Subqueries of FROM and of `IN (…)`, branches of FORK; in order. */
  readonly pipelines: readonly EsqlPipeline[];
}

export interface EsqlPipeline {
  readonly commands: readonly EsqlCommand[];
}

/** A query without its settings (`SET …;`). */
export interface EsqlStructure {
  readonly query: string;
  readonly pipeline: EsqlPipeline;
  /** False when nesting was too deep or the tokens were not whole. */
  readonly isWhole: boolean;
}

/** Groups tokens into pipelines and commands. Never throws; nesting is bounded. */
export function parseEsql({ query, tokens, isWhole }: QueryTokens): EsqlStructure {
  const parser = new PipelineParser(tokens);
  let commands = parser.pipeline(0);
  while (commands.length === 1 && commands[0]?.name === "set" && parser.takeSemicolon()) {
    commands = parser.pipeline(0);
  }
  const wasRead = parser.isWhole && parser.isAtEnd;
  return { query, pipeline: { commands }, isWhole: isWhole && wasRead };
}

/** Views nest to 10, subqueries less; anything deeper is passed over. */
const maxNesting = 32;

class PipelineParser {
  isWhole = true;
  readonly #tokens: readonly QueryToken[];
  #at = 0;

  constructor(tokens: readonly QueryToken[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  takeSemicolon(): boolean {
    if (!isOperator(this.#tokens[this.#at], ";")) return false;
    this.#at += 1;
    return true;
  }

  /** Reads commands up to the bracket that closes the pipeline, a `;` or the end. */
  pipeline(nesting: number): EsqlCommand[] {
    const commands: EsqlCommand[] = [];
    for (;;) {
      const command = this.#command(nesting);
      if (command !== undefined) commands.push(command);
      if (!isOperator(this.#tokens[this.#at], "|")) return commands;
      this.#at += 1;
    }
  }

  #command(nesting: number): EsqlCommand | undefined {
    const words: string[] = [];
    for (; this.#tokens[this.#at]?.kind === "command"; this.#at += 1) {
      words.push(lowerCase(this.#tokens[this.#at]));
    }
    const tokens: QueryToken[] = [];
    const pipelines: EsqlPipeline[] = [];
    let level = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const token = this.#tokens[this.#at];
      if (token === undefined) break;
      if (level === 0 && endsCommand(token)) break;
      tokens.push(token);
      if (token.opensPipeline) {
        this.#at += 1;
        if (nesting < maxNesting) pipelines.push({ commands: this.pipeline(nesting + 1) });
        else this.#skipPipeline();
        const close = this.#tokens[this.#at];
        if (close === undefined) break;
        tokens.push(close);
      } else if (isOpening(token)) level += 1;
      else if (isClosing(token)) level -= 1;
    }
    if (words.length === 0 && tokens.length === 0) return undefined;
    if (words[0] === "lookup" && lowerCase(tokens[0]) === "join") words.push("join");
    return { name: words.join(" "), tokens, pipelines };
  }

  /** Stops at the bracket that closes the pipeline. */
  #skipPipeline(): void {
    this.isWhole = false;
    let level = 0;
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return;
      if (isOpening(token)) level += 1;
      else if (isClosing(token)) {
        if (level === 0) return;
        level -= 1;
      }
    }
  }
}

function endsCommand(token: QueryToken): boolean {
  return (
    token.kind === "operator" && (token.text === "|" || token.text === ";" || isClosing(token))
  );
}

export function isOpening({ kind, text }: QueryToken): boolean {
  return kind === "operator" && (text === "(" || text === "[" || text === "{");
}

export function isClosing({ kind, text }: QueryToken): boolean {
  return kind === "operator" && (text === ")" || text === "]" || text === "}");
}
