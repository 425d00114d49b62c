/** The syntax tree of the covered part of Painless. */

/** Something that has a value. */
export type Expression = { readonly at: number } & (
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "new"; readonly type: string; readonly from: readonly Expression[] }
  | {
      readonly kind: "member";
      readonly target: Expression;
      readonly name: string;
      readonly isSafe: boolean;
    }
  | { readonly kind: "index"; readonly target: Expression; readonly index: Expression }
  | {
      readonly kind: "call";
      /** Absent for a function that is called by its name alone. */
      readonly target: Expression | undefined;
      readonly name: string;
      readonly from: readonly Expression[];
      readonly isSafe: boolean;
    }
  | { readonly kind: "pattern"; readonly source: string; readonly flags: string }
  | { readonly kind: "lambda"; readonly parameters: readonly string[]; readonly body: Statement }
  | { readonly kind: "reference"; readonly target: string; readonly name: string }
  | { readonly kind: "instance"; readonly operand: Expression; readonly type: string }
  | {
      readonly kind: "array";
      readonly type: string;
      /** Lengths, or the items themselves. */
      readonly sizes: readonly Expression[];
      readonly items: readonly Expression[] | undefined;
    }
  | { readonly kind: "unary"; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "choice";
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: "cast"; readonly type: string; readonly operand: Expression }
  | {
      readonly kind: "assign";
      readonly target: Expression;
      /** `=`, or the operator before it. */
      readonly operator: string;
      readonly value: Expression;
      /** True for `x++`, whose value is the one before. */
      readonly isPostfix: boolean;
    }
);

/** Something that is done. */
export type Statement = { readonly at: number } & (
  | { readonly kind: "expression"; readonly value: Expression }
  | {
      readonly kind: "declare";
      readonly type: string;
      readonly name: string;
      readonly value: Expression | undefined;
    }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly yes: Statement;
      readonly no: Statement | undefined;
    }
  | {
      readonly kind: "loop";
      readonly first: Statement | undefined;
      readonly condition: Expression | undefined;
      readonly next: Expression | undefined;
      readonly body: Statement;
    }
  | { readonly kind: "do"; readonly body: Statement; readonly condition: Expression }
  | {
      readonly kind: "try";
      readonly body: Statement;
      readonly catches: readonly Catch[];
    }
  | { readonly kind: "throw"; readonly value: Expression }
  | {
      readonly kind: "each";
      readonly name: string;
      readonly values: Expression;
      readonly body: Statement;
    }
  | { readonly kind: "declarations"; readonly all: readonly Statement[] }
  | { readonly kind: "block"; readonly statements: readonly Statement[] }
  | { readonly kind: "return"; readonly value: Expression | undefined }
  | { readonly kind: "break" | "continue" }
);

/** What is done about an exception. */
export interface Catch {
  /** Java's name of the exception. */
  readonly type: string;
  readonly name: string;
  readonly body: Statement;
}

/** A function that a script defines. */
export interface FunctionDefinition {
  readonly name: string;
  readonly returns: string;
  readonly parameters: readonly { readonly type: string; readonly name: string }[];
  readonly body: Statement;
}

/** A whole script. */
export interface ParsedScript {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly statements: readonly Statement[];
  /** Where statements begin, ascending: errors show one of them. */
  readonly starts: readonly number[];
}
