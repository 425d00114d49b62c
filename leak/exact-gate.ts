import { setTimeout as sleep } from "node:timers/promises";
import type { Counts, Probe, Snapshot } from "./messages.ts";
import type { ProxyProcess } from "./proxy-process.ts";

/**
 * Time that a proxy gets for letting go of everything, in milliseconds; its own deadlines are at
 * most one second here.
 */
const quietMs = 6000;
const pollMs = 20;
/** The proxy looks at its deadlines this often; what waits for that is gone after two looks. */
const sweepMs = 300;
/** A baseline is taken when this many looks in a row were the same, which takes two sweeps. */
const equalLooks = 30;
/**
 * What seems to have grown is looked at once more, a sweep later, for each so many milliseconds of
 * patience: a pool that a reload has retired ends with the sweep.
 */
const patienceOfLookMs = 1500;

/** One count that is not what it was. */
export interface Growth {
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Free lists that keep objects for the next use, and parts of what they keep: so many instances of
 * the class for each instance of its list are no leak.
 */
const freeLists: Readonly<Record<string, { readonly list: string; readonly most: number }>> = {
  HeadParser: { list: "ParserList", most: 64 },
  FieldLineCache: { list: "HeadParser", most: 1 },
};

/**
 * Takes the baseline: run every load once before, so that what is made lazily and cached is there.
 */
export async function baselineOf(subject: ProxyProcess): Promise<Snapshot> {
  await untilStill(subject);
  return subject.snapshot();
}

/**
 * What is different from the baseline after a load whose connections are closed; empty: green.
 *
 * @param patienceMs time that the proxy gets for letting go of everything, in milliseconds
 */
export async function growthsSince(
  subject: ProxyProcess,
  before: Snapshot,
  patienceMs = quietMs,
): Promise<Growth[]> {
  await untilEqual(subject, before, patienceMs);
  const looks = Math.max(1, Math.floor(patienceMs / patienceOfLookMs));
  for (let look = 1; ; look += 1) {
    const growths = growthsOf(before, await subject.snapshot());
    if (growths.length === 0 || look === looks) return growths;
    await sleep(sweepMs);
  }
}

/**
 * The audit looks at its files once a second, and its thread tells something now and then, so that
 * a baseline may count what is over in a moment; what never ends shows as a growth.
 */
const passing = ["FSReqPromise", "Immediate"];

/**
 * What differs between two snapshots, in both directions: a count below the baseline is a mistake
 * of the gate itself, and shown.
 */
export function growthsOf(before: Snapshot, after: Snapshot): Growth[] {
  return [
    ...differences("instances of", before.instances, after.instances).filter(
      ({ what, after: count }) => !isKept(what, count, after.instances),
    ),
    ...differences("registry:", before.registries, after.registries),
    ...differences("active resources:", before.resources, after.resources).filter(
      ({ what, before: earlier, after: later }) =>
        later > earlier || !passing.some((kind) => what.endsWith(kind)),
    ),
    ...differences(
      "",
      { "file descriptors": before.descriptors },
      { "file descriptors": after.descriptors },
    ),
  ];
}

export function growthText({ what, before, after }: Growth): string {
  return `${what}: ${before} before, ${after} after`;
}

function isKept(what: string, count: number, instances: Counts): boolean {
  const free = freeLists[what.replace("instances of ", "")];
  return free !== undefined && count <= free.most * (instances[free.list] ?? 0);
}

function differences(what: string, before: Counts, after: Counts): Growth[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .map((name) => ({
      what: `${what} ${name}`.trim(),
      before: before[name] ?? 0,
      after: after[name] ?? 0,
    }))
    .filter((growth) => growth.before !== growth.after);
}

/**
 * Waits until nothing runs and nothing changes. What never comes to rest shows in the comparison
 * that follows.
 */
async function untilStill(subject: ProxyProcess): Promise<void> {
  const deadline = performance.now() + quietMs;
  let last = "";
  let looks = 0;
  while (looks < equalLooks && performance.now() < deadline) {
    await sleep(pollMs);
    const probe = await subject.probe();
    const text = JSON.stringify(probe);
    const isQuiet = Object.values(probe.registries).every((size) => size === 0);
    looks = isQuiet && text === last ? looks + 1 : 0;
    last = text;
  }
}

async function untilEqual(subject: ProxyProcess, before: Probe, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const wanted = textOf(before);
  while (textOf(await subject.probe()) !== wanted && performance.now() < deadline)
    await sleep(pollMs);
}

function textOf({ registries, resources, descriptors }: Probe): string {
  const sorted = (counts: Counts): [string, number][] =>
    Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(registries), sorted(resources), descriptors]);
}
