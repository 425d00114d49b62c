/** Collects what is wrong with a trail while it is read. */
import { textAt, valueAt, type AuditDocument } from "../audit/format/audit-document.ts";
import type { ReadListener, ReadProblem } from "../audit/read/read-problem.ts";

/** More problems and gaps are counted only. */
const maxTold = 100;

/** A gap in the trail: records are missing. */
interface ToldGap {
  readonly time: string | undefined;
  /** As the record says. */
  readonly gap: unknown;
}

/** Collects what is wrong with a trail. */
export class TrailReport implements ReadListener {
  readonly #problems: ReadProblem[] = [];
  readonly #gaps: ToldGap[] = [];

  problem(problem: ReadProblem): void {
    if (this.#problems.length < maxTold) this.#problems.push(problem);
  }

  gap(document: AuditDocument): void {
    if (this.#gaps.length < maxTold)
      this.#gaps.push({
        time: textAt(document, "@timestamp"),
        gap: valueAt(document, "es_proxy.gap"),
      });
  }

  get told(): { readonly problems: readonly ReadProblem[]; readonly gaps: readonly ToldGap[] } {
    return { problems: this.#problems, gaps: this.#gaps };
  }
}
