import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ScenarioResult } from "./results.ts";

const rowsShown = 30;

interface CallFrame {
  readonly functionName: string;
  /** Empty for functions that are not JavaScript. */
  readonly url: string;
  /** Counted from 0. */
  readonly lineNumber: number;
}

/** The part of V8's CPU profile that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Node's arguments that make a process write its CPU profile when it ends; profiles of earlier runs
 * are removed.
 */
export function profileArguments(results: string, scenario: string, peer: string): string[] {
  const folder = profileFolder(results, scenario, peer);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

/** The functions with the most self time in each profile of a scenario, as text. */
export function profileSummary(results: string, result: ScenarioResult): string {
  return result.peers
    .map((peer) => folderSummary(profileFolder(results, result.name, peer.name)))
    .join("");
}

function folderSummary(folder: string): string {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".cpuprofile"));
  } catch {
    return "";
  }
  return files
    .map((file) => {
      const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
      return `\n${join(folder, file)}\n${selfTimes(profile).join("\n")}\n`;
    })
    .join("");
}

/**
 * One line per function: share of the busy time, then name and place.
 *
 * A function that is not JavaScript (a system call, mostly) is listed once per caller: without it
 * `writeBuffer` could be a socket or a file.
 */
export function selfTimes(profile: CpuProfile): string[] {
  const places = placesOf(profile);
  const times = new Map<string, number>();
  for (const [at, node] of profile.samples.entries()) {
    const place = places.get(node) ?? "(unknown)";
    times.set(place, (times.get(place) ?? 0) + (profile.timeDeltas[at] ?? 0));
  }
  times.delete("(idle)");
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, rowsShown)
    .map(([place, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${place}`);
}

function placesOf(profile: CpuProfile): Map<number, string> {
  const callers = new Map<number, CallFrame>();
  for (const { callFrame, children } of profile.nodes)
    for (const child of children ?? []) callers.set(child, callFrame);
  return new Map(
    profile.nodes.map(({ id, callFrame }) => {
      const caller = callers.get(id);
      const isNative =
        callFrame.url === "" && caller !== undefined && caller.functionName !== "(root)";
      return [
        id,
        isNative ? `${placeOf(callFrame)}  called by ${placeOf(caller)}` : placeOf(callFrame),
      ];
    }),
  );
}

function placeOf(frame: CallFrame): string {
  const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
  if (frame.url === "") return name;
  return `${name}  ${frame.url.split("/").slice(-3).join("/")}:${frame.lineNumber + 1}`;
}

function profileFolder(results: string, scenario: string, peer: string): string {
  return join(results, `profile-${scenario}-${peer}`);
}
