/** `_eql/search`: events, sequences and samples. */
import { type Binding, bindCondition, type Condition } from "../eql/condition.ts";
import { compileFilter } from "../eql/compile-condition.ts";
import { compileField, type Surroundings } from "../eql/compile-value.ts";
import { parseEql } from "../eql/parser.ts";
import { findSamples } from "../eql/samples.ts";
import { findSequences, type FoundSequence, type JoinedEvent } from "../eql/sequences.ts";
import type { EqlQuery, EventFilter, Pipe, Term } from "../eql/syntax.ts";
import { EqlProblems, type Value } from "../eql/values.ts";
import { EsError, notSupported } from "../es-error.ts";
import type { EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { contextOf } from "../search/shard-search.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { refuseViews } from "../store/index-view.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import {
  bindShard,
  eqlFields,
  type EqlEvent,
  readEvents,
  unknownIndex,
  valueReader,
  withRequestFields,
} from "./eql-events.ts";
import type { EqlRequest } from "./eql-request.ts";
import { surroundings } from "./search-run.ts";
import { type ScopeShard, scopeOf, type SearchScope } from "./search-scope.ts";

/** What a query found: events, or sequences of them. */
export type EqlFound =
  | { readonly kind: "events"; readonly events: readonly EqlEvent[] }
  | { readonly kind: "sequences"; readonly sequences: readonly FoundSequence<EqlEvent>[] };

/** What was found, with how many values it holds. */
export interface EqlAnswer {
  readonly found: EqlFound;
  readonly scope: SearchScope;
}

/** Nanoseconds of a millisecond. */
const nsPerMs = 1_000_000n;

/**
 * Runs a query.
 *
 * @throws {EsError} 400 what is wrong with it, or what is not imitated; 404 for no indices
 */
export function runEql(request: EsRequest, cluster: Cluster, asked: EqlRequest): EqlAnswer {
  const query = parseEql(asked.query);
  const scope = withRequestFields(cluster, scopeOfRequest(request, cluster), asked.runtimeMappings);
  const fields = eqlFields(scope);
  for (const name of [
    asked.timestamp,
    ...(asked.tiebreaker === undefined ? [] : [asked.tiebreaker]),
  ])
    if (fields.find(name) === undefined) {
      const reason = `Found 1 problem\nline -1:-1: Unknown column [${name}]`;
      throw new EsError(400, "verification_exception", reason);
    }
  const around: Surroundings = { fields, problems: new EqlProblems(asked.query) };
  const run = new EqlRun(cluster, asked, around, scope);
  return { found: run.find(query), scope };
}

function scopeOfRequest(request: EsRequest, cluster: Cluster): SearchScope {
  const expression = request.pathParameters["index"] ?? "";
  const defaults = { ...searchIndexOptions, ignoreUnavailable: true };
  const options = readIndexOptions(request.query, defaults);
  const targets = resolveTargets(cluster, expression, options);
  if (targets.length === 0) throw unknownIndex(expression);
  const indices = targets.map(({ index }) => index);
  refuseViews(cluster, indices, "EQL");
  return scopeOf(cluster, targets);
}

/** Conditions and keys of a query, asked of events. */
class EqlRun {
  readonly #asked: EqlRequest;
  readonly #around: Surroundings;
  readonly #bindings: ReadonlyMap<ScopeShard, Binding<StoredDocument>>;
  readonly #cluster: Cluster;
  readonly #scope: SearchScope;
  #events: readonly EqlEvent[] | undefined;

  constructor(cluster: Cluster, asked: EqlRequest, around: Surroundings, scope: SearchScope) {
    this.#cluster = cluster;
    this.#asked = asked;
    this.#around = around;
    this.#scope = scope;
    this.#bindings = new Map(scope.shards.map((shard) => [shard, bindShard(cluster, shard)]));
  }

  find(query: EqlQuery): EqlFound {
    const limits = this.#limits(query.pipes);
    if (query.kind === "event") {
      const condition = this.#compile(query.filter);
      return { kind: "events", events: limited(this.#fitting(condition), limits) };
    }
    // What is wrong with any term is told before events are read.
    const conditions = query.terms.map(({ filter }) => this.#compile(filter));
    const keys = query.terms.map((term) => this.#keys(term));
    this.#checkKeys(query.terms, keys, query.kind);
    const joined = query.terms.map((_, at) =>
      this.#joined(conditions[at] ?? never, keys[at] ?? []),
    );
    if (query.kind === "sample") {
      const samples = findSamples(joined, this.#asked.samplesPerKey);
      return { kind: "sequences", sequences: samples.slice(0, this.#asked.size) };
    }
    const { until, maxSpanMs } = query;
    const stages = query.terms.map(({ isMissing }, at) => ({
      isMissing,
      events: joined[at] ?? [],
    }));
    const ends =
      until === undefined ? [] : this.#joined(this.#compile(until.filter), this.#keys(until));
    const span = maxSpanMs === undefined ? undefined : BigInt(maxSpanMs) * nsPerMs;
    return { kind: "sequences", sequences: limited(findSequences(stages, span, ends), limits) };
  }

  /** The size that is asked for is a pipe of the kind that comes first. */
  #limits(pipes: readonly Pipe[]): readonly Pipe[] {
    const { size, position } = this.#asked;
    return [{ kind: pipes[0]?.kind ?? position, count: size }, ...pipes];
  }

  #compile(filter: EventFilter): Condition {
    return compileFilter(filter, this.#asked.category, this.#around);
  }

  #keys({ keys }: Term): Value[] {
    return keys.map((key) => compileField({ kind: "field", ...key }, this.#around));
  }

  /** Keys in the same place are of the same kind. */
  #checkKeys(terms: readonly Term[], keys: readonly (readonly Value[])[], kind: string): void {
    const [first = []] = keys;
    for (const [term, values] of keys.entries())
      for (const [at, value] of values.entries()) {
        const expected = first[at];
        const name = terms[term]?.keys[at];
        if (expected === undefined || name === undefined || areAlike(expected, value)) continue;
        const own = `key [${name.name}] type [${value.typeName}]`;
        const other = `key [${terms[0]?.keys[at]?.name}] type [${expected.typeName}]`;
        const what = kind === "sample" ? "Sample" : "Sequence";
        const reason = `${what} ${own} is incompatible with ${other}`;
        throw this.#around.problems.verification(name.start, reason);
      }
    for (const [term, values] of keys.entries())
      for (const [at, { type }] of values.entries())
        if (type === "date" || type === "version")
          throw this.#around.problems.unsupported(
            terms[term]?.keys[at]?.start ?? 0,
            `a key of the type [${type}] in EQL`,
          );
  }

  #all(): readonly EqlEvent[] {
    const { timestamp, tiebreaker, filter } = this.#asked;
    return (this.#events ??= readEvents(
      this.#cluster,
      this.#scope,
      { timestamp, tiebreaker },
      filter,
    ));
  }

  #fitting(condition: Condition): EqlEvent[] {
    const tests = new Map(
      [...this.#bindings].map(([shard, binding]) => [
        shard,
        bindCondition(condition, binding, notSupported),
      ]),
    );
    return this.#all().filter(({ document, shard }) => tests.get(shard)?.(document) === true);
  }

  /** Events that fit, with their keys; those without a key that is needed are left out. */
  #joined(condition: Condition, keys: readonly Value[]): JoinedEvent<EqlEvent>[] {
    const readers = new Map(
      this.#scope.shards.map((shard) => {
        const context = contextOf(shard, surroundings(this.#cluster), 0);
        return [
          shard,
          keys.map(({ field }) => (field === undefined ? undefined : valueReader(context, field))),
        ];
      }),
    );
    return this.#fitting(condition).flatMap((event): JoinedEvent<EqlEvent>[] => {
      const found = (readers.get(event.shard) ?? []).map((read, at) => {
        const values = read?.(event.document) ?? [];
        if (values.length > 1)
          throw notSupported(`the key [${keys[at]?.field}] with several values in EQL`);
        return values[0] ?? null;
      });
      const isComplete = found.every((value, at) => value !== null || isOptional(keys[at]));
      return isComplete ? [{ event, ordinal: event.ordinal, keys: found }] : [];
    });
  }
}

const never: Condition = { kind: "constant", value: false };

function isOptional(key: Value | undefined): boolean {
  return key?.expression.kind === "field" && key.expression.isOptional;
}

function areAlike(a: Value, b: Value): boolean {
  const family = ({ type }: Value): string => (type === "decimal" ? "integer" : type);
  return a.type === "null" || b.type === "null" || family(a) === family(b);
}

function limited<T>(items: readonly T[], limits: readonly Pipe[]): readonly T[] {
  let list = items;
  for (const { kind, count } of limits)
    list = kind === "head" ? list.slice(0, count) : list.slice(Math.max(list.length - count, 0));
  return list;
}
