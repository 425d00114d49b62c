/** All functions of single rows, by their names. */
import { conditionalFunctions } from "./conditionals.ts";
import { convertFunctions } from "./convert.ts";
import { dateFunctions } from "./dates.ts";
import type { FunctionDefinition } from "./definition.ts";
import { mathFunctions } from "./math.ts";
import { moreMathFunctions } from "./math-more.ts";
import { multivalueSets } from "./multivalue-sets.ts";
import { multivalueStatistics } from "./multivalue-statistics.ts";
import { multivalueFunctions } from "./multivalues.ts";
import { pointFunctions } from "./points.ts";
import { stringFunctions } from "./strings.ts";

const functions: Readonly<Record<string, FunctionDefinition>> = {
  ...conditionalFunctions,
  ...convertFunctions,
  ...dateFunctions,
  ...mathFunctions,
  ...moreMathFunctions,
  ...multivalueFunctions,
  ...multivalueSets,
  ...multivalueStatistics,
  ...pointFunctions,
  ...stringFunctions,
};

/** A function by its name in lower case; `undefined` when it is none of those computed here. */
export function findFunction(name: string): FunctionDefinition | undefined {
  return Object.hasOwn(functions, name) ? functions[name] : undefined;
}

/** Names of the functions that are computed here. */
export const functionNames: readonly string[] = Object.keys(functions);
