/** Texts of others on one line, and what is wrong with a configuration. */
import { showUnseen } from "../core/unseen-text.ts";

/** Something that is wrong with a configuration, and where. */
export interface Diagnostic {
  /** As the user named it. */
  readonly file: string;
  /** From 1; `undefined` when the problem has no place inside the file (it cannot be read, say). */
  readonly line: number | undefined;
  /** From 1, in characters. */
  readonly column: number | undefined;
  readonly message: string;
}

/**
 * `file:line:column: message`, or `file: message` without a place. One line, whatever the file
 * holds.
 */
export function formatDiagnostic(problem: Diagnostic): string {
  const place = problem.line === undefined ? "" : `:${problem.line}:${problem.column ?? 1}`;
  return toOneLine(`${problem.file}${place}: ${problem.message}`);
}

/**
 * Control characters, those that turn the direction of what follows, and those that nobody sees
 * written as escapes, so that no text from a file can forge a line, drive a terminal, or stand
 * elsewhere than it is.
 */
export function toOneLine(text: string): string {
  return showUnseen(text).replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** In the order of the file; what has no place comes first. */
export function sortDiagnostics(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...problems].sort(
    (one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
  );
}
