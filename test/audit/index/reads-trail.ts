/** A trail of two workers with reads of several calls among many searches that are alone. */
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { AuditTrail } from "../../../src/audit/trail/audit-trail.ts";
import { listJournals } from "../../../src/audit/read/catalog.ts";
import { SeededRandom } from "../../../stress/trail/random.ts";
import { basic } from "../read/made-directory.ts";
import {
  ended,
  FixedClock,
  giveRequest,
  giveResponse,
  someRecord,
  stored,
  trailOptions,
} from "../trail-fixture.ts";

/** Writes calls to one of two workers in turn. */
class ReadsTrail {
  readonly #clock = new FixedClock();
  readonly #trails: readonly AuditTrail[];
  readonly #random = new SeededRandom(11);
  #calls = 0;
  #cursors = 0;

  constructor(directory: string) {
    const options = { clock: this.#clock, rotateBytes: 60_000, inlineBodyBytes: 4096 };
    this.#trails = [1, 2].map((worker) =>
      AuditTrail.open({ ...trailOptions(directory), ...options, worker }),
    );
  }

  /** @returns its id */
  async call(
    user: string,
    [method, target]: readonly [method: string, target: string],
    asked: unknown,
    answer: unknown,
  ): Promise<string> {
    const trail = this.#trails[(this.#calls += 1) % 2];
    if (trail === undefined) throw new Error("there are two workers");
    const clock = this.#clock;
    const record = someRecord({ startedMs: clock.monotonicMs, method, target });
    record.authorization = basic(user);
    giveRequest(trail, record, Buffer.from(JSON.stringify(asked)));
    await stored((waiter) => trail.request(record, waiter));
    clock.monotonicMs += 3;
    ended(record, { endedMs: clock.monotonicMs, responseContentType: "application/json" });
    giveResponse(trail, record, Buffer.from(JSON.stringify(answer)));
    await stored((waiter) => trail.response(record, waiter));
    clock.monotonicMs += 20;
    return record.id;
  }

  wait(milliseconds: number): void {
    this.#clock.monotonicMs += milliseconds;
  }

  /** Searches with the users and shapes of queries that paging has, too, but for one user. */
  async noise(count: number, but = ""): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const number = `user-${this.#random.below(4)}`;
      const user = number === but ? "carol" : number;
      const field = ["room", "name", "ward"][this.#random.below(3)] ?? "room";
      const query = { term: { [field]: this.#random.below(9) } };
      const sort = this.#random.below(2) === 0 ? [{ at: "asc" }] : undefined;
      await this.call(user, search, { query, sort }, this.#hits(this.#random.below(4)));
    }
  }

  async scroll(user: string, pages: number): Promise<string[]> {
    const cursor = (): string => `scroll-${this.#cursors}-${this.#random.below(2)}`;
    this.#cursors += 1;
    let last = cursor();
    const answer = (count: number) => ({ _scroll_id: last, ...this.#hits(count) });
    const first = ["POST", "/patients/_search?scroll=1m"] as const;
    const ids = [await this.call(user, first, { query: { match_all: {} } }, answer(3))];
    for (let page = 1; page < pages; page += 1) {
      await this.noise(6);
      const scroll_id = last;
      last = cursor();
      const next = ["POST", "/_search/scroll"] as const;
      ids.push(await this.call(user, next, { scroll_id }, answer(page === pages - 1 ? 0 : 3)));
    }
    const clear = ["DELETE", "/_search/scroll"] as const;
    ids.push(await this.call(user, clear, { scroll_id: last }, { succeeded: true, num_freed: 1 }));
    return ids;
  }

  async paging(user: string, pages: number, field: string): Promise<string[]> {
    const ids: string[] = [];
    for (let page = 0; page < pages; page += 1) {
      const query = { term: { [field]: 4 } };
      const from = page === 0 ? {} : { from: 10 * page };
      ids.push(await this.call(user, search, { query, ...from }, this.#hits(3)));
      await this.noise(5, user);
    }
    return ids;
  }

  async sortValues(user: string, pages: number): Promise<string[]> {
    const ids: string[] = [];
    let after: number[] | undefined;
    for (let page = 0; page < pages; page += 1) {
      const asked = { query: { match_all: {} }, sort: [{ at: "asc" }], search_after: after };
      const next = [1000 * this.#cursors + page];
      const { hits } = this.#hits(2);
      const sorted = { hits: hits.hits.map((hit) => ({ ...hit, sort: next })) };
      ids.push(await this.call(user, search, asked, { took: 1, hits: sorted }));
      after = next;
      await this.noise(4);
    }
    return ids;
  }

  async close(): Promise<void> {
    for (const trail of this.#trails) await trail.close();
  }

  #hits(count: number) {
    const hits = Array.from({ length: count }, () => ({
      _index: "patients",
      _id: `p${this.#random.below(50)}`,
    }));
    return { took: 1, hits: { total: { value: count, relation: "eq" }, hits } };
  }
}

const search = ["POST", "/patients/_search"] as const;

/** Writes the trail. @returns the calls of its reads, the first one first */
export async function writeReadsTrail(directory: string): Promise<string[][]> {
  const trail = new ReadsTrail(directory);
  const reads: string[][] = [];
  for (let round = 0; round < 3; round += 1) {
    await trail.noise(40);
    reads.push(await trail.scroll("alice", 5));
    reads.push(await trail.paging("user-1", 4, "room"));
    // Nobody goes on with a page after so long; what others do meanwhile does not matter.
    trail.wait(400_000);
    reads.push(await trail.sortValues("bob", 4));
    reads.push(await trail.paging("user-2", 3, "ward"));
    trail.wait(1_200_000);
  }
  await trail.close();
  setTimes(directory);
  return reads;
}

/** As if each segment had been written at the time of its records. */
function setTimes(directory: string): void {
  for (const { segments } of listJournals(directory))
    for (const [at, { path, firstMs }] of segments.entries()) {
      const endMs = segments[at + 1]?.firstMs ?? firstMs + 60_000;
      utimesSync(path, endMs / 1000, endMs / 1000);
    }
}

/** Names and times of all files below a directory, to see whether anything changes. */
export function stateOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => `${name} ${statSync(join(directory, name)).mtimeMs}`)
    .sort();
}
