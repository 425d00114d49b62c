/** Places in the text of a query, and the problems that are found there. */
import { EsError } from "../../es-error.ts";

/** A part of a query: offsets in UTF-16 units, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `line 1:8`, as the server counts: both from 1. */
export function placeText(query: string, at: number): string {
  const before = query.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}:${at - before.lastIndexOf("\n")}`;
}

/** 400 `parsing_exception`: a query that the grammar does not have. */
export function syntaxProblem(query: string, at: number, message: string): EsError {
  const reason = `${placeText(query, at)}: ${message}`;
  return new EsError(400, "parsing_exception", reason);
}

/** 400 for a part of the language that is not imitated here, with its place. */
export function unsupported(query: string, at: number, what: string): EsError {
  return new EsError(
    400,
    "illegal_argument_exception",
    `${placeText(query, at)}: ${what} is not supported by mock-es`,
  );
}

/** Something that is wrong with a query that parses. */
export interface Failure {
  readonly at: number;
  readonly message: string;
}

/** 400 `verification_exception`, which lists all of the failures. */
export function verificationProblem(query: string, failures: readonly Failure[]): EsError {
  // One failure is told of once, at its first place.
  const first = new Map<string, number>();
  for (const { at, message } of failures) if (!first.has(message)) first.set(message, at);
  const lines = [...first].map(([message, at]) => `${placeText(query, at)}: ${message}`);
  const count = `Found ${lines.length} problem${lines.length === 1 ? "" : "s"}`;
  return new EsError(400, "verification_exception", [count, ...lines].join("\n"));
}
