/** Of which reads of several calls the exchanges of a trail are parts. */
import type { Filter } from "../../kql/filter.ts";
import { readField } from "../../kql/record-fields.ts";
import type { FieldTerm } from "../../kql/term-bounds.ts";
import type { ReadListener } from "../read/read-problem.ts";
import type { Segment } from "../read/segment.ts";
import { readOperations } from "./read-operations.ts";
import type { ReadTerms, TrailIndex } from "./trail-index.ts";

/** Whether a filter asks for reads by name; a free text is not compared with them. */
export function asksForReads(filter: Filter | undefined): boolean {
  return filter?.namedFields().has(readField) === true;
}

/**
 * The calls of all reads, by the id of their first call. It takes some hundred bytes of memory for
 * each call that is a part of one.
 */
export class ReadsOfTrail implements ReadTerms {
  readonly #operationOf = new Map<string, string>();
  /** Into which other one an operation was merged. */
  readonly #merged = new Map<string, string>();
  /** Numbers of calls in the indexes of their segments, by the names of these. */
  readonly #numbers = new Map<string, (readonly [id: string, number: number])[]>();

  /**
   * Joins all calls of a trail; what an index and facts do not tell is read. Changes nothing.
   *
   * @throws {CatalogError} when the directory holds no trail
   */
  static async find(
    directory: string,
    index: TrailIndex,
    listener: ReadListener,
    onProgress?: (done: number, total: number) => void,
  ): Promise<ReadsOfTrail> {
    const reads = new ReadsOfTrail();
    await readOperations({
      directory,
      index,
      listener,
      onOperation: () => undefined,
      members: {
        assigned: (page, operation) => void reads.#operationOf.set(page, operation),
        merged: (one, into) => void reads.#merged.set(one, into),
      },
      onNumber: ({ name }, id, number) => {
        const known = reads.#numbers.get(name);
        if (known === undefined) reads.#numbers.set(name, [[id, number]]);
        else known.push([id, number]);
      },
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    return reads;
  }

  /** Id of the first call of the read; `undefined`: the exchange is a part of none. */
  readonly readOf = (id: string): string | undefined => {
    let operation = this.#operationOf.get(id);
    for (let into = operation; into !== undefined; into = this.#merged.get(into)) operation = into;
    return operation;
  };

  /** The reads that have calls in a segment with an index. */
  termsOf({ name }: Segment): FieldTerm[] {
    const byRead = new Map<string, number[]>();
    for (const [id, number] of this.#numbers.get(name) ?? []) {
      const read = this.readOf(id);
      if (read === undefined) continue;
      const numbers = byRead.get(read);
      if (numbers === undefined) byRead.set(read, [number]);
      else numbers.push(number);
    }
    return Array.from(byRead, ([value, numbers]) => ({ value, numbers }));
  }
}
