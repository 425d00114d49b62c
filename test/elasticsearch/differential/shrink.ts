/** Makes requests that two servers answer differently as small as they can be. */
import type { CorpusGroup, Step } from "../corpus/corpus.ts";
import { compareGroup, type Disagreement, isWrite, type Servers } from "./compare-scenario.ts";

/** Attempts for one disagreement: each is some requests to both servers. */
const mostAttempts = 150;

/**
 * Leaves out other requests, then parts of bodies, as long as the request at the end is answered
 * differently.
 *
 * @param group the request in question is its last
 */
export async function shrinkGroup(servers: Servers, group: CorpusGroup): Promise<CorpusGroup> {
  let attempts = 0;
  const differs = async (steps: readonly Step[]): Promise<boolean> => {
    if (attempts++ >= mostAttempts) return false;
    const { disagreements } = await compareGroup(servers, { ...group, steps });
    const last = disagreements.find(({ at }) => at === steps.length - 1);
    if (last === undefined) return false;
    kind ??= kindOf(last);
    return kindOf(last) === kind;
  };
  let kind: string | undefined;
  await differs(group.steps);
  let steps = group.steps;
  const writes = steps.filter((step, at) => isWrite(step) || at === steps.length - 1);
  if (await differs(writes)) steps = writes;
  for (let at = steps.length - 2; at > 0; at--) {
    const fewer = steps.toSpliced(at, 1);
    if (await differs(fewer)) steps = fewer;
  }
  for (let at = steps.length - 1; at >= 0; at--) steps = await shrinkBody(steps, at, differs);
  return { ...group, steps };
}

/** Where two answers begin to differ, and with which status: what stays when a request shrinks. */
function kindOf({ differences }: Disagreement): string {
  const first = differences[0];
  const path = first?.path.replaceAll(/\.\d+(?=\.|$)/g, ".N");
  return path === "status" ? `${String(first?.real)} ${String(first?.mock)}` : String(path);
}

/** Takes away what can be taken away from one body, until nothing can. */
async function shrinkBody(
  given: readonly Step[],
  at: number,
  differs: (steps: readonly Step[]) => Promise<boolean>,
): Promise<readonly Step[]> {
  let steps = given;
  for (let tried = 0; ;) {
    const step = steps[at];
    if (step === undefined) return steps;
    const body = smallerBodies(step.body)[tried];
    if (body === undefined) return steps;
    const changed = steps.with(at, { ...step, body });
    if (await differs(changed)) steps = changed;
    else tried++;
  }
}

/** Every value with one key or entry less; large parts first. */
function smallerBodies(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    const isBulk = value.some((entry) => (entry as Record<string, unknown> | null)?.["index"]);
    const step = isBulk ? 2 : 1;
    const fewer = value.flatMap((_, at) => (at % step === 0 ? [value.toSpliced(at, step)] : []));
    const inner = value.flatMap((entry, at) =>
      smallerBodies(entry).map((one) => value.with(at, one)),
    );
    return [...fewer, ...inner];
  }
  if (value === null || typeof value !== "object") return [];
  const entries = Object.entries(value);
  // A document without an id is another one on each server.
  const optional = entries.filter(([key]) => key !== "_id");
  const fewer = optional.map(([key]) =>
    Object.fromEntries(entries.filter(([other]) => other !== key)),
  );
  const inner = entries.flatMap(([key, entry]) =>
    smallerBodies(entry).map((one) => ({ ...value, [key]: one })),
  );
  return [...fewer, ...inner];
}
