/** What goes wrong with scripts. */

/** A script that does not compile, or uses what is not covered. */
export class ScriptProblem extends Error {
  override readonly name = "ScriptProblem";
  /** Where, in UTF-16 units. */
  readonly at: number;
  /** True for a part of the language that exists but is not imitated. */
  readonly isUncovered: boolean;
  /** Type of the server's exception. */
  readonly type: string;

  constructor(
    message: string,
    at: number,
    isUncovered = false,
    type = "illegal_argument_exception",
  ) {
    super(message);
    this.at = at;
    this.isUncovered = isUncovered;
    this.type = type;
  }
}

/** What a script runs into while it runs: the Java exception's type and words. */
export class RuntimeProblem extends Error {
  override readonly name = "RuntimeProblem";
  readonly type: string;
  /** Where the script was, in UTF-16 units. */
  at: number | undefined;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Longest list or text that a script may make. */
const maxLength = 1_000_000;

/** Refuses texts and lists without end. @throws {RuntimeProblem} */
export function requireLength(length: number): void {
  if (length > maxLength)
    throw new RuntimeProblem("illegal_argument_exception", `more than ${maxLength} elements`);
}
