/** The functions of `moving_fn` (MovingFunctions), and reading a script that calls one of them. */
import { notSupported } from "../../es-error.ts";

/** Makes a number of the values of a window. */
export type MovingFunction = (values: readonly number[]) => number;

const sumOf: MovingFunction = (values) => values.reduce((total, value) => total + value, 0);

const averageOf: MovingFunction = (values) =>
  values.length === 0 ? NaN : sumOf(values) / values.length;

const plain: Readonly<Record<string, MovingFunction>> = {
  max: (values) => (values.length === 0 ? NaN : Math.max(...values)),
  min: (values) => (values.length === 0 ? NaN : Math.min(...values)),
  sum: sumOf,
  unweightedAvg: averageOf,
  linearWeightedAvg(values) {
    // The sum of the weights begins with 1, as in the server.
    let total = 0;
    let weights = 1;
    for (const [at, value] of values.entries()) {
      total += value * (at + 1);
      weights += at + 1;
    }
    return values.length === 0 ? NaN : total / weights;
  },
};

function exponential(alpha: number): MovingFunction {
  return (values) =>
    values.reduce(
      (average, value) => (Number.isNaN(average) ? value : value * alpha + average * (1 - alpha)),
      NaN,
    );
}

function deviation(average: MovingFunction): MovingFunction {
  return (values) => {
    if (values.length === 0) return NaN;
    const middle = average(values);
    const squares = values.reduce((total, value) => total + (value - middle) ** 2, 0);
    return Math.sqrt(squares / values.length);
  };
}

const call = /^\s*(?:return\s+)?MovingFunctions\.(\w+)\(\s*values\s*(?:,\s*([^]*?))?\s*\)\s*;?\s*$/;
const number = /^-?\d+(?:\.\d*)?$/;

/** Reads the script of a `moving_fn`. @throws {EsError} 400 for one that does anything else */
export function readMovingFunction(source: string): MovingFunction {
  const found = call.exec(source);
  const [, name = "", from] = found ?? [];
  if (found !== null && from === undefined && Object.hasOwn(plain, name)) {
    const own = plain[name];
    if (own !== undefined) return own;
  }
  if (name === "ewma" && from !== undefined && number.test(from)) return exponential(Number(from));
  if (name === "stdDev" && from !== undefined) {
    if (number.test(from)) {
      const middle = Number(from);
      return deviation(() => middle);
    }
    return deviation(readMovingFunction(from));
  }
  throw notSupported(`the script [${source}] in [moving_fn]`);
}
