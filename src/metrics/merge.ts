import { layouts } from "./metric-slots.ts";
import { catalogue } from "./catalogue.ts";
import type { MetricSpec } from "./catalogue.ts";
import { keyOf } from "./registry.ts";
import type { Block, Snapshot } from "./registry.ts";

/**
 * The numbers of several processes as those of one; `MetricSpec.merge` decides how each metric is
 * merged.
 */
export function mergeSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const merged = new Map<string, Block>();
  for (const block of snapshots.flat()) {
    const key = keyOf(block.kind, block.labels);
    const into = merged.get(key);
    if (into === undefined) merged.set(key, { ...block, values: block.values.slice() });
    else mergeInto(into, block);
  }
  return [...merged.values()];
}

/**
 * What is left of a process that has ended: its counters, because a total must never go down. What
 * it had open is gone.
 */
export function countersOf(snapshot: Snapshot): Snapshot {
  return snapshot.map(({ kind, labels, values }) => ({
    kind,
    labels,
    // NaN: nothing to merge. A zero would be the smallest of all.
    values: values.map((value, at) => (specAt(kind, at)?.type === "gauge" ? Number.NaN : value)),
  }));
}

/**
 * Drops blocks that stand in none of `live`: routes and endpoints that the configuration no longer
 * names.
 */
export function withoutVanished(ended: Snapshot, live: readonly Snapshot[]): Snapshot {
  const known = new Set(live.flat().map(({ kind, labels }) => keyOf(kind, labels)));
  return ended.filter(({ kind, labels }) => known.has(keyOf(kind, labels)));
}

function mergeInto(into: Block, block: Block): void {
  for (const [at, value] of block.values.entries()) {
    const own = into.values[at] ?? 0;
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(own)) {
      into.values[at] = value;
      continue;
    }
    switch (specAt(block.kind, at)?.merge) {
      case "max":
        into.values[at] = Math.max(own, value);
        break;
      case "min":
        into.values[at] = Math.min(own, value);
        break;
      default:
        into.values[at] = own + value;
    }
  }
}

function specAt(kind: Block["kind"], at: number): MetricSpec | undefined {
  const slot = layouts[kind].slots[at];
  return slot && catalogue[slot.metric];
}
