/** Values of options that several commands have. */
import { UsageError } from "../usage-error.ts";

/** A whole number. @throws {UsageError} for anything else, and for less than the least */
export function wholeNumber(command: string, option: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d{1,7}$/.test(text) && number >= least) return number;
  throw new UsageError(command, `--${option} is a whole number from ${least} on; got "${text}"`);
}

/** One of several words. @throws {UsageError} for any other */
export function oneOf<T extends string>(
  command: string,
  option: string,
  text: string,
  words: readonly T[],
): T {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  throw new UsageError(command, `--${option} is one of ${words.join(", ")}; got "${text}"`);
}
