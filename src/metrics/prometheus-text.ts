import { layouts } from "./metric-slots.ts";
import { catalogue, metricNames } from "./catalogue.ts";
import type { MetricName, MetricSpec } from "./catalogue.ts";
import { durationBounds } from "./layout.ts";
import type { Slot } from "./layout.ts";
import type { Block, Snapshot } from "./registry.ts";

/** Value of `Content-Type` for {@link prometheusText}. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * All metrics in the Prometheus text format 0.0.4, in the order of the catalogue. A metric that has
 * no series yet has its help and type only.
 */
export function prometheusText(snapshot: Snapshot): string {
  const lines: string[] = [];
  for (const name of metricNames) {
    const spec: MetricSpec = catalogue[name];
    lines.push(`# HELP ${name} ${escapeHelp(spec.help)}`, `# TYPE ${name} ${spec.type}`);
    for (const block of snapshot) lines.push(...linesOf(name, spec, block));
  }
  return `${lines.join("\n")}\n`;
}

function linesOf(name: MetricName, spec: MetricSpec, block: Block): string[] {
  const { slots } = layouts[block.kind];
  const indexes = slots.flatMap((slot, at) => (slot.metric === name ? [at] : []));
  if (indexes.length === 0) return [];
  if (spec.type === "histogram") return histogramLines(name, spec, block, indexes);
  return indexes.flatMap((at) => {
    const slot = slots[at];
    const value = block.values[at] ?? 0;
    if (slot === undefined || (slot.isSparse && value === 0)) return [];
    return [`${name}${labelsText(spec, valuesOf(block, slot))} ${numberText(value)}`];
  });
}

function histogramLines(
  name: MetricName,
  spec: MetricSpec,
  block: Block,
  indexes: readonly number[],
): string[] {
  const values = indexes.map((at) => block.values[at] ?? 0);
  const sum = values.at(-1) ?? 0;
  const lines: string[] = [];
  let count = 0;
  for (const [at, bucket] of values.slice(0, -1).entries()) {
    count += bucket;
    const bound = durationBounds[at];
    const le = bound === undefined ? "+Inf" : String(bound);
    lines.push(`${name}_bucket${labelsText(spec, block.labels, ["le", le])} ${numberText(count)}`);
  }
  const labels = labelsText(spec, block.labels);
  lines.push(
    `${name}_sum${labels} ${numberText(sum)}`,
    `${name}_count${labels} ${numberText(count)}`,
  );
  return lines;
}

function valuesOf(block: Block, slot: Slot): readonly string[] {
  return [...block.labels, ...slot.labels];
}

function labelsText(
  { labels }: MetricSpec,
  values: readonly string[],
  ...extra: (readonly [string, string])[]
): string {
  const pairs = [...labels.map((label, at) => [label, values[at] ?? ""] as const), ...extra];
  if (pairs.length === 0) return "";
  return `{${pairs.map(([label, value]) => `${label}="${escapeLabel(value)}"`).join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
