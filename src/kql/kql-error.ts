/**
 * The one error that reading a filter ends with: what is wrong, where it stands in the text, and
 * what was probably meant.
 */

// oxlint-disable-next-line no-control-regex -- a filter must not drive the terminal it is shown on
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A part of a filter's text, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A filter that cannot be read, or a value that its field cannot hold. `message` does not hold the
 * place; `formatKqlError` shows both.
 */
export class KqlError extends Error {
  /** The offending part of the text; empty at the end of the text when something is missing. */
  readonly span: Span;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** What to write instead; `undefined` when nothing is near. */
  readonly suggestion: string | undefined;

  constructor(text: string, span: Span, message: string, suggestion?: string) {
    super(brief(message.replaceAll(controls, " ")));
    this.name = "KqlError";
    this.span = span;
    const before = text.slice(0, span.start);
    this.line = before.split("\n").length;
    this.column = span.start - before.lastIndexOf("\n");
    this.suggestion = suggestion;
  }
}

/** Something about a filter that works but is probably not what was meant. */
export interface KqlWarning {
  readonly span: Span;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** Some rows of a terminal. UTF-16 code units. */
const maxMessageLength = 400;
/** A row of a terminal, less the indentation. */
const shownCharacters = 74;

/**
 * The message with its place and, on the lines below it, the part of the filter that it is about,
 * marked. Every line fits into 80 columns when the message does.
 *
 * @param label what the text is called: `filter`
 */
export function formatKqlError(label: string, text: string, error: KqlError): string {
  const place = error.line === 1 ? `${error.column}` : `${error.line}:${error.column}`;
  const hint = error.suggestion === undefined ? "" : `\n  ${error.suggestion}`;
  return `${label}:${place}: ${error.message}\n${markedLine(text, error.span)}${hint}`;
}

/** The same for a warning. */
export function formatKqlWarning(label: string, text: string, warning: KqlWarning): string {
  const { span, message, suggestion } = warning;
  return formatKqlError(label, text, new KqlError(text, span, `warning: ${message}`, suggestion));
}

/** A message may quote a part of the filter, which may be long. */
function brief(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 1)}…` : message;
}

/** The line of the text in which the span begins, cut to the terminal's width, and its marks. */
function markedLine(text: string, span: Span): string {
  const lineStart = text.lastIndexOf("\n", span.start - 1) + 1;
  const nextBreak = text.indexOf("\n", span.start);
  const line = text.slice(lineStart, nextBreak < 0 ? text.length : nextBreak);
  const at = span.start - lineStart;
  const from = Math.max(
    0,
    Math.min(at - Math.floor(shownCharacters / 2), line.length - shownCharacters),
  );
  const shown = line.slice(from, from + shownCharacters).replaceAll(controls, " ");
  const length = Math.max(1, Math.min(span.end - span.start, shown.length - (at - from)));
  return `  ${shown}\n  ${" ".repeat(at - from)}${"^".repeat(length)}`;
}
