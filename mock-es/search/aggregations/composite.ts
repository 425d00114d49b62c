/** `composite`: a bucket for each combination of values, page by page. */
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { isUnsupported } from "../faults.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  type Collector,
  finishBuckets,
  type Result,
} from "./aggregation.ts";
import { type CompositeSource, type KeyPart, readSources } from "./composite-source.ts";

/** Buckets of a page when nothing is said. */
const defaultSize = 10;

/** `composite`. */
export function parseComposite(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("composite", body, ["sources", "size", "after"]);
  const sources = readSources(body, context);
  const size = body["size"] === undefined ? defaultSize : wholeNumber("size", body["size"]);
  if (size === 0) throw notSupported("[size] 0 in [composite]");
  if (size < 0)
    throw illegalArgument(`[size] must be greater than 0. Found [${size}] in [${name}]`);
  const { limit } = context.budget;
  if (size > limit) {
    const reason = `Trying to create too many buckets. Must be less than or equal to: [${limit}] but was [${size}]. This limit can be set by changing the [search.max_buckets] cluster level setting.`;
    const index = context.shards[0]?.index ?? "_all";
    throw shardFailure(index, "too_many_buckets_exception", reason, { max_buckets: limit });
  }
  const after = readAfter(name, body["after"], sources, context);
  return {
    resultType: "composite",
    create: () => new CompositeCollector({ sources, size, after, sub, context }),
  };
}

function readAfter(
  name: string,
  after: unknown,
  sources: readonly CompositeSource[],
  context: AggregationContext,
): readonly KeyPart[] | undefined {
  if (!isObject(after)) return undefined;
  const index = context.shards[0]?.index ?? "_all";
  const refuse = (reason: string): EsError =>
    shardFailure(index, "illegal_argument_exception", reason);
  if (Object.keys(after).length !== sources.length) {
    throw refuse(
      `[after] has ${Object.keys(after).length} value(s) but [sources] has ${sources.length}`,
    );
  }
  return sources.map((source, at) => {
    if (!Object.hasOwn(after, source.name))
      throw refuse(`Missing value for [after.${source.name}]`);
    const given = after[source.name];
    if (typeof given === "object" && !(given === null && source.hasMissing)) {
      const shown = given === null ? "null" : Array.isArray(given) ? "ArrayList" : "HashMap";
      throw refuse(`Invalid value for [after.${source.name}], expected comparable, got [${shown}]`);
    }
    try {
      return source.parse(given);
    } catch (error) {
      if (error instanceof EsError && isUnsupported(error)) throw error;
      const cause = error instanceof Error ? error.message : "";
      const what = `incompatible value in the position ${at}: ${cause}`;
      const type = "illegal_argument_exception";
      throw shardFailure(
        index,
        "parse_exception",
        `Cannot set after key in the composite aggregation [${name}] - ${what}`,
        {
          caused_by: {
            type,
            reason: what,
            caused_by: {
              type: cause.startsWith("For input string") ? "number_format_exception" : type,
              reason: cause,
            },
          },
        },
      );
    }
  });
}

/** What a page is made of. */
interface Plan {
  readonly sources: readonly CompositeSource[];
  readonly size: number;
  readonly after: readonly KeyPart[] | undefined;
  readonly sub: AggregationLevel;
  readonly context: AggregationContext;
}

class CompositeCollector implements Collector {
  readonly #plan: Plan;
  readonly #buckets = new Map<
    string,
    { readonly key: readonly KeyPart[]; readonly bucket: Bucket }
  >();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  collect(document: SearchDocument, score: number): void {
    this.#combine([], document, score);
  }

  /** Goes on with the next source for each of its values. */
  #combine(key: readonly KeyPart[], document: SearchDocument, score: number): void {
    const { sources, after, sub, context } = this.#plan;
    const source = sources[key.length];
    if (source !== undefined) {
      for (const part of source.read(document)) this.#combine([...key, part], document, score);
      return;
    }
    if (after !== undefined && this.#compare(key, after) <= 0) return;
    const text = key.map((part) => (part === undefined ? "" : `${typeof part}${part}`)).join("\0");
    let entry = this.#buckets.get(text);
    if (entry === undefined)
      this.#buckets.set(text, (entry = { key, bucket: new Bucket(sub, context) }));
    entry.bucket.collect(document, score);
  }

  #compare(a: readonly KeyPart[], b: readonly KeyPart[]): number {
    for (const [at, source] of this.#plan.sources.entries()) {
      const order = source.compare(a[at], b[at]);
      if (order !== 0) return order;
    }
    return 0;
  }

  result(): Result {
    const { sources, size, sub, context } = this.#plan;
    const page = [...this.#buckets.values()]
      .sort((a, b) => this.#compare(a.key, b.key))
      .slice(0, size);
    const show = (key: readonly KeyPart[]): Result =>
      Object.fromEntries(sources.map((source, at) => [source.name, source.show(key[at])]));
    const buckets = page.map(({ key, bucket }) => ({ key: show(key), ...bucket.result() }));
    const last = page.at(-1);
    return {
      ...(last === undefined ? {} : { after_key: show(last.key) }),
      buckets: finishBuckets(buckets, sub, context),
    };
  }
}
