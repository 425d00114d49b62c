import { readdirSync, readFileSync } from "node:fs";

/** `/proc/stat` counts in USER_HZ, which Linux fixes at 100 a second for programs. */
const nanosecondsPerTick = 1e7;

/**
 * All living processes of a tree, the root first.
 *
 * Walks the parent ids of `/proc/<pid>/stat`: nginx and a proxy with workers spend their time in
 * children.
 */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at += 1) tree.push(...(children.get(tree[at] ?? 0) ?? []));
  return tree;
}

/**
 * Time that the threads of these processes have spent on a CPU, in nanoseconds.
 *
 * `/proc/<pid>/task/<tid>/schedstat` counts nanoseconds (`/proc/<pid>/stat` only ticks of 10 ms);
 * its first number is time on a CPU, user and system together, without the time spent waiting for
 * one. A thread that has ended is no longer counted: measure only processes whose threads live as
 * long as the measurement.
 */
export function cpuNanoseconds(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]);
    }
  }
  return total;
}

/** The same of the first thread of one process alone: in Node the one that serves traffic. */
export function mainThreadNanoseconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "latin1").split(" ")[0]);
}

/**
 * Busy and total time of all CPUs since the start of the computer, in nanoseconds (10 ms accurate).
 */
export function computerTime(): { busyNs: number; totalNs: number } {
  const ticks =
    readFileSync("/proc/stat", "latin1")
      .split("\n", 1)[0]
      ?.trim()
      .split(/\s+/u)
      .slice(1, 9)
      .map(Number) ?? [];
  const total = ticks.reduce((sum, count) => sum + count, 0);
  // The fourth and fifth are idle time and waiting for disks; time stolen by other virtual
  // computers is busy time.
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyNs: (total - idle) * nanosecondsPerTick, totalNs: total * nanosecondsPerTick };
}

/** Resident memory of these processes in bytes (`VmRSS`, shared pages counted in each). */
export function residentBytes(pids: readonly number[]): number {
  let total = 0;
  for (const pid of pids) {
    const line = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    total += Number(line?.[1] ?? 0) * 1024;
  }
  return total;
}

/** Why CPU time cannot be measured here, or `undefined` where it can. */
export function cpuTimeProblem(): string | undefined {
  try {
    return cpuNanoseconds([process.pid]) > 0
      ? undefined
      : "the kernel keeps no scheduler statistics";
  } catch {
    return "CPU time per thread needs Linux with /proc/<pid>/task/<tid>/schedstat";
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses and may itself hold spaces and
    // parentheses.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // It ended between the listing and the reading.
  }
}
