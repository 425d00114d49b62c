/**
 * A second, slow evaluation of queries and aggregations, written another way than the engine:
 * documents become lists of (path, value) pairs, queries are set algebra over ids, aggregations are
 * group-bys. It shares no code with the engine.
 */

export type Source = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, never>> | Readonly<Record<string, unknown>>;

/** All leaves of a document as pairs. */
export function pairs(value: unknown, path = ""): [string, unknown][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((element) => pairs(element, path));
  if (typeof value !== "object") return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    pairs(inner, path === "" ? name : `${path}.${name}`),
  );
}

export function valuesOf(source: Source, field: string): unknown[] {
  return pairs(source)
    .filter(([path]) => path === field)
    .map(([, value]) => value);
}

const words = (text: unknown): string[] =>
  (String(text).match(/[A-Za-z0-9]+/g) ?? []).map((word) => word.toLowerCase());

/** Comparable form: dates as numbers, the rest as it is. */
const plain = (field: string, value: unknown): string | number =>
  field === "day"
    ? Date.parse(String(value))
    : typeof value === "boolean"
      ? Number(value)
      : (value as string | number);

type Types = Readonly<Record<string, string>>;

/** Ids (positions) that a query matches. */
export function matching(query: Query, sources: readonly Source[], types: Types): Set<number> {
  const everything = new Set(sources.keys());
  const where = (accepts: (source: Source, at: number) => boolean): Set<number> =>
    new Set([...everything].filter((at) => accepts(sources[at] ?? {}, at)));
  const [[name, rawBody] = ["", {}]] = Object.entries(query);
  const body = rawBody as Record<string, unknown>;
  const [[field, rawSpec] = ["", {}]] = Object.entries(body);
  const spec = rawSpec as Record<string, unknown>;
  const isText = types[field] === "text";
  const candidates = (source: Source): (string | number)[] =>
    valuesOf(source, field).flatMap((value): (string | number)[] =>
      isText ? words(value) : [plain(field, value)],
    );
  switch (name) {
    case "match_all":
      return everything;
    case "match_none":
      return new Set();
    case "term":
      return where((source) => candidates(source).includes(plain(field, spec["value"])));
    case "terms":
      return where((source) =>
        candidates(source).some((value) =>
          (rawSpec as unknown[]).map((wanted) => plain(field, wanted)).includes(value),
        ),
      );
    case "ids":
      return where((_, at) => (body["values"] as string[]).includes(String(at)));
    case "exists":
      return where((source) =>
        pairs(source).some(([path]) => `${path}.`.startsWith(`${String(body["field"])}.`)),
      );
    case "range":
      return where((source) =>
        candidates(source).some((value) =>
          Object.entries(spec).every(([bound, raw]) => {
            const limit = plain(field, raw);
            if (bound === "gt") return value > limit;
            if (bound === "gte") return value >= limit;
            return bound === "lt" ? value < limit : value <= limit;
          }),
        ),
      );
    case "prefix":
      return where((source) =>
        candidates(source).some((value) => String(value).startsWith(String(spec["value"]))),
      );
    case "wildcard": {
      const pattern = new RegExp(
        `^${String(spec["value"]).replaceAll("*", ".*").replaceAll("?", ".")}$`,
        "s",
      );
      return where((source) => candidates(source).some((value) => pattern.test(String(value))));
    }
    case "match": {
      const wanted = words(spec["query"]);
      // A single word is no boolean query: there is nothing to count.
      const needed =
        wanted.length === 1
          ? 1
          : spec["operator"] === "and"
            ? wanted.length
            : Number(spec["minimum_should_match"] ?? 1);
      return where((source) => {
        const present = new Set(candidates(source));
        const found = wanted.filter((word) => present.has(word)).length;
        return wanted.length > 0 && found >= Math.max(1, needed);
      });
    }
    case "match_phrase": {
      const wanted = words(spec["query"]).join(" ");
      return where((source) =>
        valuesOf(source, field).some(
          (value) => wanted !== "" && ` ${words(value).join(" ")} `.includes(` ${wanted} `),
        ),
      );
    }
    case "constant_score":
      return matching(body["filter"] as Query, sources, types);
    case "bool": {
      const sets = (key: string): Set<number>[] =>
        ((body[key] ?? []) as Query[]).map((clause) => matching(clause, sources, types));
      if (["must", "filter", "should", "must_not"].every((key) => sets(key).length === 0))
        return everything;
      const required = [...sets("must"), ...sets("filter")];
      const excluded = sets("must_not");
      const result = [...everything].filter(
        (at) => required.every((set) => set.has(at)) && !excluded.some((set) => set.has(at)),
      );
      const should = sets("should");
      const isOptional = sets("must").length + sets("filter").length > 0;
      const least = should.length > 0 && !isOptional ? 1 : 0;
      // Where something only must not match, nothing else has to.
      const isNegative = should.length === 0 && !isOptional;
      const given = Number(body["minimum_should_match"] ?? least);
      const needed = isNegative ? 0 : Math.max(least, given);
      return new Set(result.filter((at) => should.filter((set) => set.has(at)).length >= needed));
    }
    default:
      throw new Error(`no brute force for ${name}`);
  }
}

interface Node {
  readonly [type: string]: unknown;
}

/** Results of an aggregation tree over documents. */
export function aggregate(
  aggs: Readonly<Record<string, Node>>,
  sources: readonly Source[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(aggs).map(([name, node]) => [name, aggregateOne(node, sources)]),
  );
}

function aggregateOne(node: Node, sources: readonly Source[]): Record<string, unknown> {
  const { aggs, ...rest } = node;
  const [[type, rawBody] = ["", {}]] = Object.entries(rest);
  const body = rawBody as Record<string, unknown>;
  const field = String(body["field"]);
  const read = (source: Source): (string | number)[] =>
    valuesOf(source, field).map((value) => plain(field, value));
  const numbers = sources.flatMap(read).map(Number);
  const inner = (part: readonly Source[]): Record<string, unknown> => ({
    doc_count: part.length,
    ...(aggs === undefined ? {} : aggregate(aggs as Record<string, Node>, part)),
  });
  const groups = <Key>(keysOf: (source: Source) => Key[]): [Key, Source[]][] => {
    const keys = [...new Set(sources.flatMap(keysOf))];
    return keys.map((key) => [key, sources.filter((source) => keysOf(source).includes(key))]);
  };
  const byKey = ([a]: [string | number, unknown], [b]: [string | number, unknown]): number =>
    a < b ? -1 : a > b ? 1 : 0;
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (type) {
    case "sum":
      return { value: sum };
    case "min":
      return { value: numbers.length === 0 ? null : Math.min(...numbers) };
    case "max":
      return { value: numbers.length === 0 ? null : Math.max(...numbers) };
    case "avg":
      return { value: numbers.length === 0 ? null : sum / numbers.length };
    case "value_count":
      return { value: numbers.length };
    case "cardinality":
      return { value: new Set(sources.flatMap(read)).size };
    case "missing":
      return inner(sources.filter((source) => read(source).length === 0));
    case "terms": {
      const sorted = groups(read).sort((a, b) => b[1].length - a[1].length || byKey(a, b));
      const size = Number(body["size"] ?? 10);
      return {
        doc_count_error_upper_bound: 0,
        sum_other_doc_count: sorted.slice(size).reduce((total, [, part]) => total + part.length, 0),
        buckets: sorted.slice(0, size).map(([key, part]) => ({ key, ...inner(part) })),
      };
    }
    case "histogram": {
      const interval = Number(body["interval"]);
      const found = new Map(
        groups((source) => read(source).map((value) => Math.floor(Number(value) / interval))),
      );
      const places = [...found.keys()];
      const all = Array.from({
        length: places.length === 0 ? 0 : Math.max(...places) - Math.min(...places) + 1,
      });
      return {
        buckets: all.map((_, at) => {
          const place = Math.min(...places) + at;
          return { key: place * interval, ...inner(found.get(place) ?? []) };
        }),
      };
    }
    case "date_histogram": {
      const monthOf = (value: string | number): string => new Date(value).toISOString().slice(0, 7);
      const found = groups((source) => read(source).map(monthOf)).sort(byKey);
      return {
        buckets: found.map(([month, part]) => ({
          key_as_string: month,
          key: Date.parse(`${month}-01`),
          ...inner(part),
        })),
      };
    }
    case "range": {
      const ranges = body["ranges"] as { from?: number; to?: number; key: string }[];
      return {
        buckets: ranges.map(({ key, from, to }) => {
          const fits = (value: string | number): boolean =>
            (from === undefined || Number(value) >= from) &&
            (to === undefined || Number(value) < to);
          return {
            key,
            ...(from === undefined ? {} : { from }),
            ...(to === undefined ? {} : { to }),
            ...inner(sources.filter((source) => read(source).some(fits))),
          };
        }),
      };
    }
    default:
      throw new Error(`no brute force for ${type}`);
  }
}
