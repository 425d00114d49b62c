/** The calls that a made trail holds, each with what is true of it. */
import { Buffer } from "node:buffer";

import { SeededRandom } from "./random.ts";

/** What was done with a document, in the words of `audit who`. */
export type MadeUse = "read" | "wrote" | "tried";

/** One call and its answer. */
export interface MadeCall {
  readonly user: string;
  readonly source: string;
  readonly method: string;
  readonly target: string;
  readonly index: string;
  readonly action: string;
  readonly status: number;
  readonly request: Buffer | undefined;
  readonly answer: Buffer;
  readonly isNdjson: boolean;
  /** From its beginning to its end. Milliseconds. */
  readonly tookMs: number;
  readonly uses: readonly { readonly id: string; readonly use: MadeUse }[];
}

/** How large the world of the trail is. */
export interface MadeWorld {
  readonly users: number;
  readonly indices: number;
  /** In each index. */
  readonly documents: number;
  /** Watched ones among them, `vip-0` and so on, which the ledger follows one by one. */
  readonly watched: number;
  /** One of so many documents of a call is a watched one. */
  readonly watchedEvery: number;
  /** Bytes that a document has beside its fields. */
  readonly padding: number;
}

/** What a few gigabytes need to look like a real trail. */
export const usualWorld: MadeWorld = {
  users: 40,
  indices: 12,
  documents: 1_000_000,
  watched: 10,
  watchedEvery: 400,
  padding: 60,
};

const mostHits = 8;
const mostItems = 12;

/** Makes calls, the same ones for the same seed. */
export class CallMaker {
  readonly #random: SeededRandom;
  readonly #world: MadeWorld;
  readonly #padding: string;

  constructor(seed: number, world: MadeWorld) {
    this.#random = new SeededRandom(seed);
    this.#world = world;
    this.#padding = "lorem ipsum dolor sit amet ".repeat(world.padding).slice(0, world.padding);
  }

  next(): MadeCall {
    const kind = this.#random.next();
    if (kind < 0.03) return this.#failure();
    if (kind < 0.7) return this.#search();
    if (kind < 0.85) return this.#get();
    if (kind < 0.95) return this.#put();
    return this.#bulk();
  }

  #search(): MadeCall {
    const index = this.#index();
    const ids = this.#ids(this.#random.below(mostHits + 1));
    const term = this.#random.below(this.#world.documents);
    const hits = ids.map(
      (id) => `{"_index":"${index}","_id":"${id}","_score":1.5,"_source":${this.#source(id)}}`,
    );
    const answer =
      `{"took":${this.#random.below(20)},"timed_out":false,` +
      '"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},' +
      `"hits":{"total":{"value":${ids.length},"relation":"eq"},"max_score":1.5,` +
      `"hits":[${hits.join(",")}]}}`;
    return this.#call({
      index,
      method: "POST",
      target: `/${index}/_search`,
      action: "search",
      request: `{"size":10,"query":{"bool":{"filter":[{"term":{"room":${term}}}]}}}`,
      answer,
      ids,
      use: "read",
    });
  }

  #get(): MadeCall {
    const index = this.#index();
    const [id = ""] = this.#ids(1);
    const isFound = this.#random.below(10) > 0;
    const rest = isFound ? `,"_version":1,"_source":${this.#source(id)}` : "";
    return this.#call({
      index,
      method: "GET",
      target: `/${index}/_doc/${id}`,
      action: "get",
      status: isFound ? 200 : 404,
      answer: `{"_index":"${index}","_id":"${id}","found":${isFound}${rest}}`,
      ids: isFound ? [id] : [],
      use: "read",
    });
  }

  #put(): MadeCall {
    const index = this.#index();
    const [id = ""] = this.#ids(1);
    return this.#call({
      index,
      method: "PUT",
      target: `/${index}/_doc/${id}`,
      action: "index",
      status: 201,
      request: this.#source(id),
      answer: writtenItem(index, id, 201, false),
      ids: [id],
      use: "wrote",
    });
  }

  #bulk(): MadeCall {
    const index = this.#index();
    const ids = [...new Set(this.#ids(1 + this.#random.below(mostItems)))];
    const failing = this.#random.below(5) === 0 ? this.#random.below(ids.length) : -1;
    const request = ids.map(
      (id) => `{"index":{"_index":"${index}","_id":"${id}"}}\n${this.#source(id)}\n`,
    );
    const items = ids.map((id, at) => {
      const isFailing = at === failing;
      return `{"index":${writtenItem(index, id, isFailing ? 429 : 201, isFailing)}}`;
    });
    return this.#call({
      index,
      method: "POST",
      target: `/${index}/_bulk`,
      action: "bulk",
      request: request.join(""),
      isNdjson: true,
      answer: `{"took":3,"errors":${failing >= 0},"items":[${items.join(",")}]}`,
      ids,
      use: "wrote",
      failing: ids[failing],
    });
  }

  #failure(): MadeCall {
    const index = this.#index();
    return this.#call({
      index,
      method: "POST",
      target: `/${index}/_search`,
      action: "search",
      status: 503,
      request: '{"query":{"match_all":{}}}',
      answer: '{"error":{"type":"no_shard_available_action_exception"},"status":503}',
      ids: [],
      use: "read",
    });
  }

  #call(parts: {
    readonly index: string;
    readonly method: string;
    readonly target: string;
    readonly action: string;
    readonly status?: number;
    readonly request?: string;
    readonly isNdjson?: boolean;
    readonly answer: string;
    readonly ids: readonly string[];
    readonly use: MadeUse;
    /** The one whose item failed. */
    readonly failing?: string | undefined;
  }): MadeCall {
    const user = this.#random.skewedBelow(this.#world.users);
    const { index, method, target, action, status = 200, request, isNdjson = false } = parts;
    return {
      user: `user-${user}`,
      source: `10.0.${user % 7}.${user}`,
      index,
      method,
      target,
      action,
      status,
      isNdjson,
      request: request === undefined ? undefined : Buffer.from(request),
      answer: Buffer.from(parts.answer),
      tookMs: 0.4 + this.#random.next() * 40,
      uses: [...new Set(parts.ids)].map((id) => ({
        id,
        use: id === parts.failing ? "tried" : parts.use,
      })),
    };
  }

  #index(): string {
    return `patients-${this.#random.skewedBelow(this.#world.indices)}`;
  }

  #ids(count: number): string[] {
    const { documents, watched, watchedEvery } = this.#world;
    return Array.from({ length: count }, () =>
      this.#random.below(watchedEvery) === 0
        ? `vip-${this.#random.below(watched)}`
        : `p${this.#random.below(documents)}`,
    );
  }

  #source(id: string): string {
    const room = this.#random.below(500);
    return `{"name":"Name of ${id}","ssn":"${100_000 + room}","room":${room},"note":"${this.#padding}"}`;
  }
}

function writtenItem(index: string, id: string, status: number, isFailing: boolean): string {
  const name = `"_index":"${index}","_id":"${id}","status":${status}`;
  if (isFailing) return `{${name},"error":{"type":"es_rejected_execution_exception"}}`;
  return (
    `{${name},"_version":1,"result":"created",` +
    '"_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1,"_primary_term":1}'
  );
}
