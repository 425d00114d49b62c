/** Reads whole queries. */
import { ExpressionParser } from "./expression-parser.ts";
import type { Parameters } from "./parameters.ts";
import { lineAndColumn, Scanner } from "./scanner.ts";
import { syntaxProblem } from "./span.ts";
import type { Command, EnrichedField, NameAt, NamePattern } from "./syntax.ts";

/** Commands of the language that are refused by name. */
const refused: ReadonlySet<string> = new Set(
  (
    "change_point completion explain external fork fuse insist join mmr promql rerank " +
    "sample set top_snippets ts uri_parts registered_domain user_agent"
  ).split(" "),
);

/** What the server lists where a command is wanted. */
const processingCommands =
  "{'change_point', 'enrich', 'completion', 'dissect', 'eval', 'grok', 'limit', 'rerank', " +
  "'sample', 'sort', STATS, 'where', 'uri_parts', 'metrics_info', 'registered_domain', " +
  "'ts_info', 'user_agent', 'ts_collapse', 'ip_location', 'fork', 'fuse', 'inline', " +
  "'inlinestats', 'lookup', 'mmr', 'mv_expand', 'drop', 'keep', 'rename'}";

/** As the server shows them. */
const forbidden = String.raw`' ','"',',','/','<','>','?','\','|'`;

const namePart = /[A-Za-z*_@][A-Za-z0-9_*]*|`(?:[^`]|``)*`/;
/** Names of policies without quotes end at these. */
const policyName = /[^\\/?"<>| ,#\t\r\n]+/;
/** In upper case, as the server lists them. */
const modes: ReadonlySet<string> = new Set(["_ANY", "_COORDINATOR", "_REMOTE"]);
/** Index names without quotes end at what has a meaning of its own. */
const indexPart = /(?:[^:"=|,[\]()/ \t\r\n]|\/(?![*/]))+/;

/**
 * Parses a query.
 *
 * @throws {EsError} 400 `parsing_exception` with the place, or a refusal of what is not imitated
 */
export function parseQuery(query: string, parameters: Parameters): Command[] {
  return new CommandParser(query, parameters).commands();
}

class CommandParser {
  readonly #scanner: Scanner;
  readonly #expressions: ExpressionParser;

  constructor(query: string, parameters: Parameters) {
    this.#scanner = new Scanner(query);
    this.#expressions = new ExpressionParser(this.#scanner, parameters);
  }

  commands(): Command[] {
    const scanner = this.#scanner;
    const commands = [this.#command(true)];
    while (scanner.accept("|")) commands.push(this.#command(false));
    if (scanner.peek().kind !== "end") throw scanner.unexpected("{<EOF>, '|'}");
    return commands;
  }

  #command(isFirst: boolean): Command {
    const scanner = this.#scanner;
    const token = scanner.peek();
    const start = token.start;
    if (token.kind === "symbol" && token.text === "(")
      throw scanner.unsupported(start, "a subquery");
    if (token.kind !== "name") throw this.#noCommand(isFirst);
    const word = token.text.toLowerCase();
    const sources: readonly string[] = ["from", "row", "show"];
    if (refused.has(word)) throw scanner.unsupported(start, `the command [${word.toUpperCase()}]`);
    if (sources.includes(word) !== isFirst) throw this.#noCommand(isFirst);
    const command = this.#read(word, start);
    return { ...command, start, end: scanner.lastEnd };
  }

  #noCommand(isFirst: boolean): Error {
    return isFirst
      ? this.#scanner.unexpected("{'row', 'from', 'show', …}")
      : this.#scanner.unexpectedFor(processingCommands);
  }

  #read(word: string, start: number): Distributed<Command> {
    const scanner = this.#scanner;
    const expressions = this.#expressions;
    switch (word) {
      case "from":
        return this.#from();
      case "row":
        scanner.take();
        return { kind: "row", fields: expressions.namedList() };
      case "show": {
        scanner.take();
        scanner.expectWord("info");
        return { kind: "show" };
      }
      case "where":
        scanner.take();
        return { kind: "where", condition: expressions.expression() };
      case "eval":
        scanner.take();
        return { kind: "eval", fields: expressions.namedList() };
      case "stats":
        scanner.take();
        return this.#stats(false);
      case "inline":
      case "inlinestats":
        scanner.take();
        if (word === "inline") scanner.expectWord("stats");
        return this.#stats(true);
      case "sort": {
        scanner.take();
        const keys = [expressions.sortKey()];
        while (scanner.accept(",")) keys.push(expressions.sortKey());
        return { kind: "sort", keys };
      }
      case "limit":
        scanner.take();
        return this.#limit(start);
      case "keep":
      case "drop":
        return { kind: word, names: this.#namePatterns() };
      case "rename":
        return this.#rename();
      case "dissect": {
        scanner.take();
        const input = expressions.expression();
        const pattern = expressions.quoted();
        let separator = "";
        if (scanner.acceptWord("append_separator")) {
          scanner.expect("=");
          separator = expressions.quoted();
        }
        return { kind: "dissect", input, pattern, separator };
      }
      case "grok": {
        scanner.take();
        const input = expressions.expression();
        const patterns = [expressions.quoted()];
        while (scanner.accept(",")) patterns.push(expressions.quoted());
        return { kind: "grok", input, patterns };
      }
      case "mv_expand":
        scanner.take();
        return { kind: "mv_expand", name: expressions.qualifiedName() };
      case "enrich":
        return this.#enrich(start);
      case "lookup":
        return this.#lookup();
      default:
        throw this.#noCommand(false);
    }
  }

  #from(): Distributed<Command> {
    const scanner = this.#scanner;
    const names: string[] = [];
    scanner.take();
    do names.push(this.#indexName());
    while (scanner.accept(","));
    const metadata: NameAt[] = [];
    if (scanner.acceptWord("metadata")) {
      do {
        const name = this.#expressions.qualifiedName();
        const earlier = metadata.find((other) => other.name === name.name);
        if (earlier !== undefined) {
          const at = lineAndColumn(scanner.query, earlier.start);
          const message = `metadata field [${name.name}] already declared [@${at}]`;
          throw syntaxProblem(scanner.query, name.start, message);
        }
        metadata.push(name);
      } while (scanner.accept(","));
    }
    return { kind: "from", indices: names.join(","), metadata };
  }

  #indexName(): string {
    const scanner = this.#scanner;
    const found = scanner.takePattern(/"""[\s\S]*?"""|"(?:\\[\s\S]|[^"\\])*"|\(/);
    if (found?.text === "(") throw scanner.unsupported(found.start, "a subquery");
    if (found !== undefined) {
      scanner.reset(found.start);
      return this.#checkedName(scanner.take().text, found.start);
    }
    const part = scanner.takePattern(indexPart);
    if (part?.text.toLowerCase() === "metadata") scanner.reset(part.start);
    if (part === undefined || part.text.toLowerCase() === "metadata")
      throw scanner.unexpectedFor("{QUOTED_STRING, '(', UNQUOTED_SOURCE}");
    const rest = scanner.query.slice(part.end);
    if (rest.startsWith("::")) throw scanner.unsupported(part.end, "the selector of an index");
    if (rest.startsWith(":")) throw scanner.unsupported(part.start, "an index of another cluster");
    return this.#checkedName(part.text, part.start);
  }

  /** Names with characters that no index has are refused; date math and patterns have some. */
  #checkedName(names: string, start: number): string {
    for (const name of names.split(",")) {
      if (/^[_+]/.test(name)) {
        const shown = name.replaceAll("*", "");
        const problem = `Invalid index name [${shown}], must not start with '_', '-', or '+'`;
        throw syntaxProblem(this.#scanner.query, start, problem);
      }
      if (name.startsWith("<") || name.startsWith("-<") || !/[ "<>?\\|/]/.test(name)) continue;
      const message = `Invalid index name [${name}], must not contain the following characters [${forbidden}]`;
      throw syntaxProblem(this.#scanner.query, start, message);
    }
    return names;
  }

  #stats(isInline: boolean): Distributed<Command> {
    const scanner = this.#scanner;
    const { kind } = scanner.peek();
    const isEmpty = scanner.isWord("by") || kind === "end";
    const aggregates = isEmpty ? [] : this.#expressions.namedList(true);
    const groups = scanner.acceptWord("by") ? this.#expressions.namedList() : [];
    return { kind: "stats", aggregates, groups, isInline };
  }

  #limit(start: number): Distributed<Command> {
    const scanner = this.#scanner;
    const at = scanner.start;
    const value = this.#expressions.constant();
    if (scanner.isWord("by")) throw scanner.unsupported(scanner.start, "LIMIT with BY");
    if (value.type !== "integer" || value.value < 0) {
      const shown = scanner.query.slice(at, scanner.lastEnd);
      const type = value.type === "null" ? "null" : value.type;
      throw syntaxProblem(
        scanner.query,
        start,
        `value of [${scanner.query.slice(start, scanner.lastEnd)}] must be a non negative integer, found value [${shown}] type [${type}]`,
      );
    }
    return { kind: "limit", count: value.value };
  }

  #rename(): Distributed<Command> {
    const scanner = this.#scanner;
    const renamings: { from: NameAt; to: NameAt }[] = [];
    scanner.take();
    do {
      const first = this.#plainName();
      if (scanner.accept("=")) renamings.push({ from: this.#plainName(), to: first });
      else {
        scanner.expectWord("as");
        renamings.push({ from: first, to: this.#plainName() });
      }
    } while (scanner.accept(","));
    return { kind: "rename", renamings };
  }

  #plainName(): NameAt {
    const found = this.#namePattern();
    if (found.pattern === undefined) return found;
    const message = `Using wildcards [*] in RENAME is not allowed [${found.name}]`;
    throw syntaxProblem(this.#scanner.query, found.start, message);
  }

  /** Names behind a word that is still to be taken. */
  #namePatterns(): NamePattern[] {
    this.#scanner.take();
    const names = [this.#namePattern()];
    while (this.#scanner.accept(",")) names.push(this.#namePattern());
    return names;
  }

  #namePattern(): NamePattern {
    const scanner = this.#scanner;
    scanner.reset(scanner.lastEnd);
    const token = scanner.takePattern(/\?/);
    if (token !== undefined) {
      scanner.reset(token.start);
      return { ...this.#expressions.qualifiedName(), pattern: undefined };
    }
    let source = "";
    let name = "";
    let isPattern = false;
    let start: number | undefined;
    do {
      if (start !== undefined) {
        name += ".";
        source += String.raw`\.`;
      }
      let part = scanner.takePattern(namePart);
      if (part === undefined) throw scanner.unexpected("an identifier");
      start ??= part.start;
      do {
        const { text } = part;
        const plain = text.startsWith("`") ? text.slice(1, -1).replaceAll("``", "`") : text;
        name += plain;
        if (!text.startsWith("`") && text.includes("*")) isPattern = true;
        source += text.startsWith("`")
          ? escapeRegExp(plain)
          : plain.split("*").map(escapeRegExp).join(".*");
        const next: RegExp = /[A-Za-z0-9_*@]+|`(?:[^`]|``)*`/;
        const end: number = part.end;
        part =
          next.test(scanner.query.charAt(end)) || scanner.query.charAt(end) === "`"
            ? scanner.takePattern(next)
            : undefined;
      } while (part !== undefined);
    } while (scanner.accept("."));
    const end = scanner.lastEnd;
    const pattern = isPattern ? new RegExp(`^${source}$`, "s") : undefined;
    return { name, pattern, start: start ?? end, end };
  }

  #enrich(start: number): Distributed<Command> {
    const scanner = this.#scanner;
    scanner.take();
    const policy = this.#policy();
    const on = scanner.acceptWord("on") ? this.#namePattern() : undefined;
    if (on?.pattern !== undefined) throw this.#wildcards(start, on.name);
    if (!scanner.acceptWord("with")) return { kind: "enrich", policy, on, fields: undefined };
    const fields: EnrichedField[] = [];
    do {
      const first = this.#enrichName();
      fields.push({ name: first, field: scanner.accept("=") ? this.#enrichName() : first });
    } while (scanner.accept(","));
    return { kind: "enrich", policy, on, fields };
  }

  /** The name of a policy, behind the mode where there is one. All modes are one on one cluster. */
  #policy(): NameAt {
    const scanner = this.#scanner;
    const { start } = scanner.peek();
    scanner.reset(start);
    const found =
      scanner.peek().kind === "string" ? scanner.take() : scanner.takePattern(policyName);
    if (found === undefined) throw scanner.unexpected("the name of a policy");
    const { end } = found;
    const colon = found.text.indexOf(":");
    const mode = found.text.slice(0, Math.max(colon, 0));
    if (colon >= 0 && !modes.has(mode.toUpperCase())) {
      const message = `Unrecognized value [${mode}], ENRICH policy qualifier needs to be one of [${[...modes].join(", ")}]`;
      throw syntaxProblem(scanner.query, start, message);
    }
    // The server runs it where the rows come from, and refuses what may stand before.
    if (mode.toUpperCase() === "_REMOTE") throw scanner.unsupported(start, "the mode [_remote]");
    return { name: found.text.slice(colon + 1), start, end };
  }

  #enrichName(): string {
    const { name, pattern, start } = this.#namePattern();
    if (pattern !== undefined) throw this.#wildcards(start, name);
    return name;
  }

  #wildcards(start: number, name: string): Error {
    const message = `Using wildcards [*] in ENRICH WITH projections is not allowed, found [${name}]`;
    return syntaxProblem(this.#scanner.query, start, message);
  }

  #lookup(): Distributed<Command> {
    const scanner = this.#scanner;
    scanner.take();
    scanner.expectWord("join");
    const { start } = scanner.peek();
    scanner.reset(scanner.lastEnd);
    const name = this.#indexName();
    const index = { name, start, end: scanner.lastEnd };
    if (name.includes("*")) {
      const message = `invalid index pattern [${name}], * is not allowed in LOOKUP JOIN`;
      throw syntaxProblem(scanner.query, start, message);
    }
    scanner.expectWord("on");
    const on: NameAt[] = [];
    do {
      const at = scanner.start;
      const expression = this.#expressions.expression();
      if (expression.kind !== "column")
        throw scanner.unsupported(at, "LOOKUP JOIN on an expression");
      if (on.some((other) => other.name === expression.name)) {
        const message = `JOIN ON clause does not support multiple fields with the same name, found multiple instances of [${expression.name}]`;
        throw syntaxProblem(scanner.query, at, message);
      }
      on.push(expression);
    } while (scanner.accept(","));
    return { kind: "lookup", index, on };
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** Each kind of a command without its place. */
type Distributed<T> = T extends unknown ? Omit<T, "start" | "end"> : never;
