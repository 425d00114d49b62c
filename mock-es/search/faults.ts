/** Which of several refusals of one request is told: the one that the server meets first. */
import { EsError } from "../es-error.ts";

/**
 * When a refusal is met: while the request is read, or looked over; while a shard rewrites its
 * queries, or makes Lucene's queries of them; or when it begins to collect.
 */
export type Stage = "parse" | "validate" | "rewrite" | "create" | "collect";

const rewriting = new WeakSet<EsError>();
const collecting = new WeakSet<EsError>();

/** Marks the refusal of a shard as one of rewriting. */
export function atRewrite(error: EsError): EsError {
  rewriting.add(error);
  return error;
}

/** Marks a refusal as one that is met when everything else is made. */
export function atCollect(error: EsError): EsError {
  collecting.add(error);
  return error;
}

/** When a refusal is met. */
export function stageOf(error: EsError): Stage {
  if (collecting.has(error)) return "collect";
  if (error.type === "action_request_validation_exception") return "validate";
  if (error.type !== "search_phase_execution_exception") return "parse";
  return rewriting.has(error) ? "rewrite" : "create";
}

/** True for a refusal by name, which is never in the place of another one. */
export function isUnsupported(error: EsError): boolean {
  return error.reason.endsWith("is not supported by mock-es");
}

interface Fault {
  readonly part: string;
  readonly error: EsError;
}

/** Refusals of the parts of something, all of which are looked at. */
export class Faults {
  readonly #found: Fault[] = [];

  /** The result of a part; `undefined` when it is refused. */
  attempt<T>(part: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      this.#found.push({ part, error });
      return undefined;
    }
  }

  /** True when some part was refused. */
  get any(): boolean {
    return this.#found.length > 0;
  }

  /** Throws the first refusal of a stage, by the order of parts in it. */
  throwFirst(stage: Stage, parts?: readonly string[]): void {
    if (this.#found.length === 0) return;
    const faults = this.#found.filter(({ error }) => stageOf(error) === stage);
    const rank = ({ part }: Fault): number => parts?.indexOf(part) ?? 0;
    faults.sort((a, b) => rank(a) - rank(b));
    if (faults[0] !== undefined) throw faults[0].error;
  }

  /** Throws the first refusal of the earliest stage. */
  throwAny(): void {
    if (this.#found.length === 0) return;
    for (const stage of ["parse", "validate", "rewrite", "create", "collect"] as const)
      this.throwFirst(stage);
  }
}
