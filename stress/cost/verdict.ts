/** Compares instructions per request with accepted ones. Pure. */

/** A case costs at most this many times what was accepted; windows of one case differ by 3 %. */
export const costBound = 1.05;

/** Instructions per request by name of the case. */
export type Costs = Readonly<Record<string, number>>;

/** What was accepted, by kind of machine: figures of different kinds are not comparable. */
export interface AcceptedCosts {
  readonly kinds: Readonly<Record<string, { readonly acceptedOn: string; readonly costs: Costs }>>;
}

/** One measured case beside what was accepted. */
export interface CostVerdict {
  readonly name: string;
  readonly measured: number;
  /** `undefined` where nothing was accepted for this kind of machine. */
  readonly accepted: number | undefined;
  /** Measured divided by accepted. */
  readonly ratio: number | undefined;
  readonly judgement: "held" | "worse" | "better" | "not judged";
}

/** Judges each measured case; one without an accepted figure is not judged. */
export function judgeCosts(measured: Costs, accepted: Costs | undefined): CostVerdict[] {
  return Object.entries(measured).map(([name, cost]) => {
    const before = accepted?.[name];
    if (before === undefined)
      return {
        name,
        measured: cost,
        accepted: undefined,
        ratio: undefined,
        judgement: "not judged",
      };
    const ratio = cost / before;
    const judgement = ratio > costBound ? "worse" : ratio < 1 / costBound ? "better" : "held";
    return { name, measured: cost, accepted: before, ratio, judgement };
  });
}

/**
 * What is wrong with a run, in words; empty when it passes.
 *
 * The control must be judged worse than the case in which nothing was planted, whatever was
 * accepted: a gate that does not see it would see nothing.
 *
 * @param base Instructions per request of the control's case without the planted work.
 * @param planted The same with it.
 */
export function costProblems(
  verdicts: readonly CostVerdict[],
  base: number,
  planted: number,
): string[] {
  const problems = verdicts
    .filter(({ judgement }) => judgement === "worse")
    .map(
      ({ name, ratio }) => `${name}: ${(ratio ?? 0).toFixed(3)} times the accepted instructions`,
    );
  const control = judgeCosts({ control: planted }, { control: base });
  if (control[0]?.judgement !== "worse")
    problems.push(
      `the control: planted work changed ${base.toFixed(0)} to ${planted.toFixed(0)} ` +
        "instructions, which the gate would let pass",
    );
  return problems;
}
