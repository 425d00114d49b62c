/** `normalize`: values of buckets, made comparable. */

type Method = (values: readonly number[]) => (value: number) => number;

/** Count, sum and extremes of the values that there are. */
function facts(values: readonly number[]): {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly mean: number;
  readonly count: number;
} {
  const present = values.filter((value) => !Number.isNaN(value));
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const value of present) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return { min, max, sum, mean: sum / present.length, count: present.length };
}

const methods: Readonly<Record<string, Method>> = {
  rescale_0_1(values) {
    const { min, max } = facts(values);
    return (value) => (value - min) / (max - min);
  },
  rescale_0_100(values) {
    const { min, max } = facts(values);
    return (value) => (100 * (value - min)) / (max - min);
  },
  mean(values) {
    const { min, max, mean } = facts(values);
    return (value) => (value - mean) / (max - min);
  },
  percent_of_sum(values) {
    const { sum } = facts(values);
    return (value) => value / sum;
  },
  "z-score"(values) {
    const { mean, count } = facts(values);
    let variance = 0;
    for (const value of values) if (!Number.isNaN(value)) variance += (value - mean) ** 2;
    const deviation = Math.sqrt(variance / count);
    return (value) => (value - mean) / deviation;
  },
  softmax(values) {
    let sum = 0;
    for (const value of values) if (!Number.isNaN(value)) sum += Math.exp(value);
    return (value) => Math.exp(value) / sum;
  },
};

/** A method of `normalize` by its name; `undefined` for none of that name. */
export function normalizingMethod(name: string): Method | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
