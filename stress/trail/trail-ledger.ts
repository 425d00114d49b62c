/** What is true of a made trail, for those who ask it questions. */
import type { MadeCall, MadeUse } from "./made-call.ts";

/** Sums of one user, index, action or status. */
export interface MadeTotals {
  count: number;
  /** Answers with a status from 400 on. */
  failed: number;
}

/** One exchange that had to do with a watched document. */
export interface MadeSighting {
  /** Of the exchange. */
  readonly id: string;
  readonly user: string;
  readonly action: string;
  readonly use: MadeUse;
}

/** One exchange out of many, to be looked up. */
export interface MadeSample {
  readonly id: string;
  readonly user: string;
  readonly target: string;
  readonly status: number;
}

/** The whole ledger; plain JSON. */
export interface LedgerContent {
  readonly exchanges: number;
  /** Ids of documents in requests and answers, one of several in a call as often as it is there. */
  readonly documentUses: number;
  readonly users: Readonly<Record<string, MadeTotals>>;
  readonly indices: Readonly<Record<string, MadeTotals>>;
  readonly actions: Readonly<Record<string, MadeTotals>>;
  readonly statuses: Readonly<Record<string, MadeTotals>>;
  /** By index and id, `patients-0 vip-3`. */
  readonly watched: Readonly<Record<string, readonly MadeSighting[]>>;
  readonly samples: readonly MadeSample[];
}

/** One of so many exchanges is a sample. */
const sampleEvery = 1000;

/** Counts calls as they are recorded. */
export class TrailLedger {
  #exchanges = 0;
  #documentUses = 0;
  readonly #totals = new Map<string, Map<string, MadeTotals>>(
    ["users", "indices", "actions", "statuses"].map((name) => [name, new Map()]),
  );
  readonly #watched = new Map<string, MadeSighting[]>();
  readonly #samples: MadeSample[] = [];

  /** @param id of the exchange */
  add(id: string, call: MadeCall): void {
    const { user, index, action, status, target, uses } = call;
    const isFailed = status >= 400;
    this.#count("users", user, isFailed);
    this.#count("indices", index, isFailed);
    this.#count("actions", action, isFailed);
    this.#count("statuses", String(status), isFailed);
    for (const { id: document, use } of uses) {
      if (!document.startsWith("vip-")) continue;
      const key = `${index} ${document}`;
      const sightings = this.#watched.get(key) ?? [];
      sightings.push({ id, user, action, use });
      this.#watched.set(key, sightings);
    }
    if (this.#exchanges % sampleEvery === 0) this.#samples.push({ id, user, target, status });
    this.#exchanges += 1;
    this.#documentUses += uses.length;
  }

  content(): LedgerContent {
    const totals = (name: string): Record<string, MadeTotals> =>
      Object.fromEntries(this.#totals.get(name) ?? []);
    return {
      exchanges: this.#exchanges,
      documentUses: this.#documentUses,
      users: totals("users"),
      indices: totals("indices"),
      actions: totals("actions"),
      statuses: totals("statuses"),
      watched: Object.fromEntries(this.#watched),
      samples: this.#samples,
    };
  }

  #count(what: string, value: string, isFailed: boolean): void {
    const groups = this.#totals.get(what);
    const known = groups?.get(value);
    if (known === undefined) groups?.set(value, { count: 1, failed: isFailed ? 1 : 0 });
    else {
      known.count += 1;
      if (isFailed) known.failed += 1;
    }
  }
}
