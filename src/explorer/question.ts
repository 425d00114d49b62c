/** What the page asks for, as the query of a URL says it. */
import { compileFilter, type Filter } from "../kql/filter.ts";
import { KqlError } from "../kql/kql-error.ts";

/** Why a question cannot be answered; told to the page. */
export class QuestionError extends Error {
  /** Part of the filter that it is about, in UTF-16 code units. */
  readonly span: { readonly start: number; readonly end: number } | undefined;
  readonly suggestion: string | undefined;

  constructor(message: string, cause?: KqlError) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "QuestionError";
    this.span = cause?.span;
    this.suggestion = cause?.suggestion;
  }
}

/** Which entries. */
export interface Question {
  readonly filter: Filter | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/**
 * Reads `q` (KQL), `since` and `until` (milliseconds since the epoch).
 *
 * @throws {QuestionError}
 */
export function questionOf(parameters: URLSearchParams, nowMs: number): Question {
  const text = (parameters.get("q") ?? "").trim();
  return {
    filter: text === "" ? undefined : filterOf(parameters.get("q") ?? "", nowMs),
    sinceMs: numberOf(parameters, "since"),
    untilMs: numberOf(parameters, "until"),
  };
}

/**
 * A number of a question; `undefined`: it is not given.
 *
 * @throws {QuestionError} when it is not a finite number
 */
export function numberOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new QuestionError(`${name} is a number; got "${text.slice(0, 40)}"`);
}

function filterOf(text: string, nowMs: number): Filter {
  try {
    return compileFilter(text, { nowMs });
  } catch (error) {
    if (error instanceof KqlError) throw new QuestionError(error.message, error);
    throw error;
  }
}
