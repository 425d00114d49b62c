/** Sets of actions, written as patterns. */
import { namePattern } from "./name-pattern.ts";

/** Actions that a privilege grants. */
export interface ActionSet {
  /** Patterns of the actions. */
  readonly patterns: readonly string[];
  /** Patterns of actions that are not granted although a pattern fits them. */
  readonly excluded: readonly string[];
  includes(action: string): boolean;
}

/** A set of patterns with blanks between; those behind a minus are taken out. */
export function actionSet(text: string): ActionSet {
  const words = text.split(" ").filter((word) => word !== "");
  const patterns = words.filter((word) => !word.startsWith("-"));
  const excluded = words.filter((word) => word.startsWith("-")).map((word) => word.slice(1));
  const wanted = patterns.map(namePattern);
  const unwanted = excluded.map(namePattern);
  const known = new Map<string, boolean>();
  return {
    patterns,
    excluded,
    includes: (action) => {
      let isIn = known.get(action);
      if (isIn === undefined) {
        isIn = wanted.some((test) => test(action)) && !unwanted.some((test) => test(action));
        // Actions are the few that this mock has, so this does not grow.
        known.set(action, isIn);
      }
      return isIn;
    },
  };
}
