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
  /** Segments that were not read, because nothing given opens them. */
  readonly #locked = new Set<string>();

  problem(problem: ReadProblem): void {
    if (problem.kind === "encrypted") this.#locked.add(problem.segment);
    else if (this.#problems.length < maxTold) this.#problems.push(problem);
  }

  gap(document: AuditDocument): void {
    if (this.#gaps.length < maxTold)
      this.#gaps.push({
        time: textAt(document, "@timestamp"),
        gap: valueAt(document, "es_proxy.gap"),
      });
  }

  get told(): {
    readonly problems: readonly ReadProblem[];
    readonly gaps: readonly ToldGap[];
    /** Segments of the time that were not read. */
    readonly encrypted: number;
  } {
    return { problems: this.#problems, gaps: this.#gaps, encrypted: this.#locked.size };
  }
}
