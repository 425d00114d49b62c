/** Numbers, sizes, times as people read them. */
import { showUnseen } from "../../core/unseen-text.ts";
import type { Cell } from "./api.ts";

export { showUnseen };

export function sizeText(bytes: number | undefined | null): string {
  if (bytes === undefined || bytes === null) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function millisecondsText(ms: number | undefined | null): string {
  if (ms === undefined || ms === null) return "";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/** How long something took or has been going on. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${(seconds / 3600).toFixed(1)} h`
    : `${(seconds / 86_400).toFixed(1)} d`;
}

export function countText(count: number): string {
  return count.toLocaleString("en");
}

/** UTC, as everywhere in the trail. */
export function timeText(ms: number | undefined | null): string {
  if (ms === undefined || ms === null || !Number.isFinite(ms)) return "";
  return new Date(ms).toISOString().replace("T", " ").replace("Z", "");
}

/** What is unseen is shown as in the tables of commands: no value looks like another one. */
export function cellText(name: string, cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "object") return showUnseen(cell.join(", "));
  if (typeof cell === "number") {
    if (name === "time") return timeText(cell);
    if (name === "ms") return millisecondsText(cell);
    if (name === "in" || name === "out") return sizeText(cell);
  }
  return showUnseen(String(cell));
}

/** A value in KQL's syntax. */
export function quoted(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The filter, and one condition more. */
export function narrowed(q: string, condition: string): string {
  const filter = q.trim();
  if (filter === "") return condition;
  return / or /i.test(filter) ? `(${filter}) and ${condition}` : `${filter} and ${condition}`;
}
