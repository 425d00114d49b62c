/** Records in the trail which exchanges the explorer has shown, with their bodies. */
import { recordOperation } from "../audit/operations/record-operation.ts";
import { whoAsks } from "../audit/operations/who-asks.ts";
import type { ShownExchange } from "./explored-trail.ts";

/** Ids that were recorded; one is recorded once. */
const maxKnown = 10_000;

/** The looks of one explorer. Who sits before the page is not known, only who runs it. */
export class ShownRecord {
  readonly #directory: string;
  readonly #known = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** To be called before an exchange is shown. */
  async add({ id, bodies, address }: ShownExchange): Promise<void> {
    if (id === "" || this.#known.has(id)) return;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.add(id);
    await recordOperation(this.#directory, {
      action: "audit.explore",
      type: "access",
      outcome: "success",
      asker: whoAsks(process.argv.slice(2)),
      fields: { exchanges: 1, bodies, ids: [id], address },
    });
  }
}
