/** DISSECT and GROK: columns out of texts. */
import { EsError } from "../../es-error.ts";
import { createDissect } from "../../ingest/dissect.ts";
import { createGrokParts, type GrokPart } from "../../ingest/grok.ts";
import type { Attribute, Typed } from "../plan/analysis.ts";
import { typeExpression } from "../plan/expressions.ts";
import { numericText } from "../functions/numeric-text.ts";
import { syntaxProblem } from "../syntax/span.ts";
import type { Command } from "../syntax/syntax.ts";
import { type DataType, isString } from "../values/types.ts";
import { type Cell, cellOf, type Row, type Scalar, valuesOf } from "../values/value.ts";
import { type Step, type StepContext, surroundings, withAdded } from "./step.ts";

type Texts = Extract<Command, { kind: "dissect" | "grok" }>;
/** Columns and values that one text gives; `undefined` for one that does not fit. */
type Read = (text: string) => readonly (readonly [name: string, value: Scalar])[] | undefined;

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
    run: (rows) => rows.map((row): Row => places.place(row, valuesFor(input, row, read, added))),
  };
}

function readerOf(
  command: Texts,
  { analysis }: StepContext,
): { readonly read: Read; readonly added: readonly Attribute[] } {
  try {
    if (command.kind === "dissect") {
      const dissect = createDissect(command.pattern, command.separator);
      const read: Read = (text) => {
        const found = dissect(text);
        return found && [...found];
      };
      return { read, added: dissectNames(command, analysis.query).map(keyword) };
    }
    const { patterns } = command;
    const [only, ...more] = patterns;
    if (only === undefined || more.length > 0)
      throw analysis.unsupported(command, "GROK with several patterns");
    const parts = createGrokParts([only], {});
    const read: Read = (text) => parts(text)?.map((part) => [part.field, grokValue(part)] as const);
    return { read, added: grokColumns(command, only, analysis.query) };
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

function grokColumns(command: Texts, pattern: string, query: string): readonly Attribute[] {
  const found = new Map<string, DataType>();
  const named =
    /%\{\w+(?::(?<field>[\w.@[\]-]+)(?::(?<type>\w+))?)?\}|\(\?<(?<group>[A-Za-z_][\w.]*)>/g;
  for (const { groups = {} } of pattern.matchAll(named)) {
    const name = groups["field"] ?? groups["group"];
    if (name === undefined) continue;
    const type = grokTypes[groups["type"] ?? ""] ?? "keyword";
    if ((found.get(name) ?? type) !== type) {
      const message = `Invalid GROK pattern [${pattern}]: the attribute [${name}] is defined multiple times with different types`;
      throw syntaxProblem(query, command.start, message);
    }
    found.set(name, type);
  }
  return [...found]
    .map(([name, type]) => ({ name, type }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws {EsError} 400 for what is no number of its type */
function grokValue({ type, text }: GrokPart): Scalar {
  const refuse = (): EsError =>
    new EsError(400, "number_format_exception", `For input string: "${text}"`);
  switch (type) {
    case "int":
    case "long": {
      const whole = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
      if (whole === undefined || whole !== BigInt.asIntN(type === "int" ? 32 : 64, whole))
        throw refuse();
      return type === "int" ? Number(whole) : whole;
    }
    case "float":
    case "double": {
      const number = numericText(text);
      if (number === undefined) throw refuse();
      return type === "float" ? Math.fround(number) : number;
    }
    default:
      return type === "boolean" ? text.toLowerCase() === "true" : text;
  }
}

/** The values of all texts of a cell, by column. */
function valuesFor(
  input: Typed | undefined,
  row: Row,
  read: Read,
  added: readonly Attribute[],
): Row {
  const found = new Map<string, Scalar[]>(added.map(({ name }) => [name, []]));
  for (const text of valuesOf(input?.evaluate(row) ?? null))
    for (const [name, value] of read(text as string) ?? []) found.get(name)?.push(value);
  return added.map(({ name }): Cell => cellOf(found.get(name) ?? []));
}
