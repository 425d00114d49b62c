/** DISSECT and GROK: columns out of texts. */
import { EsError } from "../../es-error.ts";
import { createDissect } from "../../ingest/dissect.ts";
import { createGrok } from "../../ingest/grok.ts";
import type { Attribute, Typed } from "../plan/analysis.ts";
import { typeExpression } from "../plan/expressions.ts";
import { syntaxProblem } from "../syntax/span.ts";
import type { Command } from "../syntax/syntax.ts";
import { type DataType, isString } from "../values/types.ts";
import { type Cell, isList, type Row } from "../values/value.ts";
import { type Step, type StepContext, surroundings, withAdded } from "./step.ts";

type Texts = Extract<Command, { kind: "dissect" | "grok" }>;
type Read = (text: string) => ReadonlyMap<string, unknown> | undefined;

const grokTypes: Readonly<Record<string, DataType>> = {
  int: "integer",
  long: "long",
  float: "double",
  double: "double",
  boolean: "boolean",
};

export function textsStep(command: Texts, context: StepContext): Step {
  const { analysis, columns } = context;
  const input = typeExpression(analysis, command.input, surroundings(context));
  if (input !== undefined && !isString(input.type) && input.type !== "null") {
    const name = command.kind === "dissect" ? "Dissect" : "Grok";
    analysis.fail(
      command.input,
      `${name} only supports KEYWORD or TEXT values, found expression [${input.text}] type [${input.type.toUpperCase()}]`,
    );
  }
  const { read, added } = readerOf(command, context);
  const places = withAdded(columns, added);
  return {
    columns: places.columns,
    run: (rows) =>
      rows.map((row): Row =>
        places.place(row, valuesFor(command, context, input, row, read, added)),
      ),
  };
}

function readerOf(
  command: Texts,
  { analysis }: StepContext,
): { readonly read: Read; readonly added: readonly Attribute[] } {
  try {
    if (command.kind === "dissect") {
      const read = createDissect(command.pattern, command.separator);
      return { read, added: dissectNames(command, analysis.query).map(keyword) };
    }
    const { patterns } = command;
    const [only, ...more] = patterns;
    if (only === undefined || more.length > 0)
      throw analysis.unsupported(command, "GROK with several patterns");
    return {
      read: createGrok([only], {}),
      added: grokColumns(command, only, analysis.unsupported.bind(analysis)),
    };
  } catch (error) {
    if (!(error instanceof EsError) || error.reason.startsWith("line ")) throw error;
    if (command.kind === "dissect" && error.reason.startsWith("Unable to parse pattern"))
      throw syntaxProblem(
        analysis.query,
        command.start,
        `Invalid pattern for dissect: [${command.pattern}]`,
      );
    throw analysis.unsupported(command, `this pattern (${error.reason})`);
  }
}

function keyword(name: string): Attribute {
  return { name, type: "keyword" };
}

function dissectNames(
  command: Extract<Command, { kind: "dissect" }>,
  query: string,
): readonly string[] {
  void query;
  const names = new Set<string>();
  for (const [, modifier = "", name = ""] of command.pattern.matchAll(
    /%\{([+?*&]?)([^}]*?)(?:\/\d+)?(?:->)?\}/g,
  )) {
    if (modifier === "*" || modifier === "&")
      throw new EsError(400, "illegal_argument_exception", "reference keys");
    if (modifier !== "?" && name !== "") names.add(name);
  }
  return [...names];
}

function grokColumns(
  command: Texts,
  pattern: string,
  refuse: (at: Texts, what: string) => EsError,
): readonly Attribute[] {
  const found = new Map<string, DataType>();
  for (const [, name, type] of pattern.matchAll(/%\{\w+(?::([\w.@[\]-]+)(?::(\w+))?)?\}/g)) {
    if (name === undefined) continue;
    if (found.has(name)) throw refuse(command, `several values of [${name}] in GROK`);
    found.set(name, grokTypes[type ?? ""] ?? "keyword");
  }
  if (/\(\?</.test(pattern)) throw refuse(command, "a named group in GROK");
  return [...found]
    .map(([name, type]) => ({ name, type }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function valuesFor(
  command: Texts,
  { analysis }: StepContext,
  input: Typed | undefined,
  row: Row,
  read: Read,
  added: readonly Attribute[],
): Row {
  const cell = input?.evaluate(row) ?? null;
  if (isList(cell)) throw analysis.unsupported(command, "taking several texts apart");
  const parts = typeof cell === "string" ? read(cell) : undefined;
  return added.map(({ name, type }): Cell => {
    const value = parts?.get(name);
    if (value === undefined || value === null) return null;
    if (type === "keyword" || type === "boolean") return value as string | boolean;
    const number = Number(value);
    if (Number.isNaN(number)) throw analysis.unsupported(command, "such a number in GROK");
    return type === "long" ? BigInt(Math.trunc(number)) : number;
  });
}
