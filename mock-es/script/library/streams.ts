/** Streams, optional values and collectors. */
import { arithmetic, naturalOrder, toLong, whole } from "../arithmetic.ts";
import { RuntimeProblem } from "../problems.ts";
import { Double, HashedMap, isEqual, numberIn, ScriptSet, textOfValue } from "../values.ts";
import { callable, holds, itemsOf, type Methods, orderBy, text } from "./method.ts";

/** What the items of a stream are. */
export type StreamKind = "object" | "int" | "long" | "double";

/** A stream, whose items are all there. */
export class Stream {
  readonly items: readonly unknown[];
  readonly kind: StreamKind;

  constructor(items: readonly unknown[], kind: StreamKind) {
    this.items = items;
    this.kind = kind;
  }
}

/** A stream over items. */
export function streamOf(items: readonly unknown[], kind: StreamKind = "object"): Stream {
  return new Stream(items, kind);
}

/** `java.util.Optional` and its like. */
export class Optional {
  readonly value: unknown;
  readonly kind: StreamKind;

  constructor(value: unknown, kind: StreamKind = "object") {
    this.value = value ?? undefined;
    this.kind = kind;
  }

  toString(): string {
    const name = {
      object: "Optional",
      int: "OptionalInt",
      long: "OptionalLong",
      double: "OptionalDouble",
    };
    const own = name[this.kind];
    return this.value === undefined ? `${own}.empty` : `${own}[${textOfValue(this.value)}]`;
  }
}

/** Groups of items by what a lambda makes of each. */
export function grouped(
  items: readonly unknown[],
  by: (item: unknown) => unknown,
  groups: Map<unknown, unknown> = new Map(),
): Map<unknown, unknown> {
  for (const item of items) {
    const key = by(item);
    const group = groups.get(key);
    if (Array.isArray(group)) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** What puts the items of a stream together. */
export class Collector {
  readonly finish: (items: readonly unknown[]) => unknown;

  constructor(finish: (items: readonly unknown[]) => unknown) {
    this.finish = finish;
  }
}

function asKind(kind: StreamKind, value: unknown): unknown {
  if (kind === "double") return new Double(numberIn(value) ?? NaN);
  if (kind === "long") return typeof value === "bigint" ? value : toLong(numberIn(value) ?? 0);
  return kind === "int" ? whole(value) : value;
}

function mapped(kind: StreamKind): (target: Stream, run: unknown) => Stream {
  return (target, run) =>
    streamOf(
      target.items.map((item) => asKind(kind, callable(run)(item))),
      kind,
    );
}

function best({ items, kind }: Stream, comparator: unknown, sign: number): Optional {
  const order = orderBy(comparator);
  const [first, ...others] = items;
  return new Optional(
    others.reduce((found, item) => (sign * order(item, found) > 0 ? item : found), first),
    kind,
  );
}

function mean(items: readonly unknown[]): number {
  const sum = items.reduce((total: number, item) => total + (numberIn(item) ?? 0), 0);
  return sum / items.length;
}

const zeros: Readonly<Record<StreamKind, unknown>> = {
  object: 0,
  int: 0,
  long: 0n,
  double: new Double(0),
};

/** Methods of streams. */
export const ofStream: Methods = {
  filter: ({ items, kind }: Stream, predicate) =>
    streamOf(
      items.filter((item) => holds(predicate)(item)),
      kind,
    ),
  map: (target: Stream, run) => mapped(target.kind)(target, run),
  mapToInt: mapped("int"),
  mapToLong: mapped("long"),
  mapToDouble: mapped("double"),
  mapToObj: mapped("object"),
  asDoubleStream: ({ items }: Stream) =>
    streamOf(
      items.map((item) => asKind("double", item)),
      "double",
    ),
  asLongStream: ({ items }: Stream) =>
    streamOf(
      items.map((item) => asKind("long", item)),
      "long",
    ),
  boxed: ({ items }: Stream) => streamOf(items),
  flatMap: ({ items }: Stream, run) =>
    streamOf(
      items.flatMap((item) => {
        const inner = callable(run)(item);
        return inner instanceof Stream ? [...inner.items] : [];
      }),
    ),
  distinct: ({ items, kind }: Stream) =>
    streamOf(
      items.filter((item, at) => items.findIndex((other) => isEqual(item, other)) === at),
      kind,
    ),
  sorted: ({ items, kind }: Stream, comparator) =>
    streamOf(items.toSorted(orderBy(comparator)), kind),
  limit: ({ items, kind }: Stream, count) => streamOf(items.slice(0, whole(count)), kind),
  skip: ({ items, kind }: Stream, count) => streamOf(items.slice(whole(count)), kind),
  peek: (target: Stream, run) => {
    for (const item of target.items) callable(run)(item);
    return target;
  },
  forEach: ({ items }: Stream, run) => {
    for (const item of items) callable(run)(item);
    return null;
  },
  collect: ({ items }: Stream, collector) => {
    if (collector instanceof Collector) return collector.finish(items);
    throw new RuntimeProblem("illegal_argument_exception", "a collector is wanted");
  },
  toArray: ({ items }: Stream) => [...items],
  reduce: ({ items, kind }: Stream, ...from) => {
    const run = callable(from[from.length === 1 ? 0 : 1]);
    if (from.length > 1) return items.reduce((sum, item) => run(sum, item), from[0]);
    const [first, ...others] = items;
    return new Optional(
      others.reduce((sum, item) => run(sum, item), first),
      kind,
    );
  },
  count: ({ items }: Stream) => BigInt(items.length),
  anyMatch: ({ items }: Stream, predicate) => items.some((item) => holds(predicate)(item)),
  allMatch: ({ items }: Stream, predicate) => items.every((item) => holds(predicate)(item)),
  noneMatch: ({ items }: Stream, predicate) => !items.some((item) => holds(predicate)(item)),
  findFirst: ({ items, kind }: Stream) => new Optional(items[0], kind),
  findAny: ({ items, kind }: Stream) => new Optional(items[0], kind),
  min: (target: Stream, comparator) => best(target, comparator, -1),
  max: (target: Stream, comparator) => best(target, comparator, 1),
  sum: ({ items, kind }: Stream) =>
    items.reduce((sum, item) => arithmetic("+", sum, item), zeros[kind]),
  average: ({ items }: Stream) =>
    new Optional(items.length === 0 ? undefined : new Double(mean(items)), "double"),
};

function present({ value }: Optional): unknown {
  if (value !== undefined) return value;
  throw new RuntimeProblem("no_such_element_exception", "No value present");
}

/** Methods of optional values. */
export const ofOptional: Methods = {
  get: present,
  getAsInt: present,
  getAsLong: present,
  getAsDouble: present,
  orElseThrow: present,
  isPresent: ({ value }: Optional) => value !== undefined,
  isEmpty: ({ value }: Optional) => value === undefined,
  orElse: ({ value }: Optional, other) => value ?? other,
  orElseGet: ({ value }: Optional, run) => value ?? callable(run)(),
  ifPresent: ({ value }: Optional, run) => {
    if (value !== undefined) callable(run)(value);
    return null;
  },
  map: ({ value }: Optional, run) =>
    new Optional(value === undefined ? undefined : callable(run)(value)),
  filter: (target: Optional, predicate) =>
    target.value !== undefined && holds(predicate)(target.value) ? target : new Optional(undefined),
  toString: (target: Optional) => target.toString(),
};

const toList = new Collector((items) => [...items]);

function finishing(collector: unknown): (items: readonly unknown[]) => unknown {
  if (collector instanceof Collector) return collector.finish;
  throw new RuntimeProblem("illegal_argument_exception", "a collector is wanted");
}

function summing(kind: StreamKind): (_: unknown, run: unknown) => Collector {
  return (_, run) =>
    new Collector((items) =>
      items.reduce(
        (sum, item) => arithmetic("+", sum, asKind(kind, callable(run)(item))),
        zeros[kind],
      ),
    );
}

const averaging = (_: unknown, run: unknown): Collector =>
  new Collector(
    (items) => new Double(items.length === 0 ? 0 : mean(items.map((item) => callable(run)(item)))),
  );

/** Static methods of `Collectors`. */
export const collectors: Methods = {
  toList: () => toList,
  toSet: () => new Collector((items) => new ScriptSet(items)),
  counting: () => new Collector((items) => BigInt(items.length)),
  joining: (_: unknown, separator, prefix, suffix) =>
    new Collector(
      (items) =>
        `${prefix === undefined ? "" : text(prefix)}${items.map(textOfValue).join(separator === undefined ? "" : text(separator))}${suffix === undefined ? "" : text(suffix)}`,
    ),
  groupingBy: (_: unknown, run, ...from) => {
    const finish = finishing(from.at(-1) ?? toList);
    return new Collector((items) => {
      const groups = grouped(items, callable(run), new HashedMap());
      for (const [key, group] of Array.from(groups)) groups.set(key, finish(itemsOf(group)));
      return groups;
    });
  },
  partitioningBy: (_: unknown, predicate, collector) => {
    const finish = finishing(collector ?? toList);
    return new Collector((items) => {
      const is = holds(predicate);
      const no = items.filter((item) => !is(item));
      const yes = items.filter((item) => is(item));
      return new Map<unknown, unknown>([
        [false, finish(no)],
        [true, finish(yes)],
      ]);
    });
  },
  toMap: (_: unknown, keys, values, merge) =>
    new Collector((items) => {
      const found = new HashedMap();
      for (const item of items) {
        const key = callable(keys)(item);
        const value = callable(values)(item);
        if (!found.has(key)) found.set(key, value);
        else if (merge !== undefined) found.set(key, callable(merge)(found.get(key), value));
        else {
          const both = `values ${textOfValue(found.get(key))} and ${textOfValue(value)}`;
          const reason = `Duplicate key ${textOfValue(key)} (attempted merging ${both})`;
          throw new RuntimeProblem("illegal_state_exception", reason);
        }
      }
      return found;
    }),
  mapping: (_: unknown, run, collector) => {
    const finish = finishing(collector);
    return new Collector((items) => finish(items.map((item) => callable(run)(item))));
  },
  collectingAndThen: (_: unknown, collector, run) =>
    new Collector((items) => callable(run)(finishing(collector)(items))),
  reducing: (_: unknown, zero, run) =>
    new Collector((items) => items.reduce((sum, item) => callable(run)(sum, item), zero)),
  summingInt: summing("int"),
  summingLong: summing("long"),
  summingDouble: summing("double"),
  averagingInt: averaging,
  averagingLong: averaging,
  averagingDouble: averaging,
  minBy: (_: unknown, comparator) =>
    new Collector((items) => best(streamOf(items), comparator, -1)),
  maxBy: (_: unknown, comparator) => new Collector((items) => best(streamOf(items), comparator, 1)),
};

/** Methods of lambdas, comparators among them. */
export const ofFunction: Methods = {
  reversed: (target: never) => (a: unknown, b: unknown) => orderBy(target)(b, a),
  thenComparing: (target: never, next) => (a: unknown, b: unknown) => {
    const order = orderBy(target)(a, b);
    if (order !== 0) return order;
    const run = callable(next);
    return run.length === 1 ? naturalOrder(run(a), run(b)) : orderBy(next)(a, b);
  },
  negate: (target: never) => (value: unknown) => !holds(target)(value),
  andThen: (target: never, next) => (value: unknown) => callable(next)(callable(target)(value)),
};

/** Names under which a lambda is called. */
export const callNames: ReadonlySet<string> = new Set(
  "accept apply applyAsDouble applyAsInt applyAsLong compare get getAsDouble getAsInt test".split(
    " ",
  ),
);
