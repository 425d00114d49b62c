/** What `audit replay` prints. */
import { seenJson } from "../../core/unseen-text.ts";
import type { AnsweredReplay, ReplayResult } from "../../audit/export/replay.ts";
import type { ReplayGroup, ReplaySummary } from "../../audit/export/replay-summary.ts";
import type { Quantiles } from "../../audit/read/quantiles.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { durationText } from "./cell.ts";
import { valueCell, writeDifferences } from "./difference-table.ts";
import type { Output } from "./output.ts";
import { Table, type TableColumn } from "./table.ts";

/** Shapes and places that are shown; JSON has all of them. */
const [shownGroups, shownPlaces] = [20, 10];
const shares = [0.5, 0.95, 0.99] as const;

/** The summary of many requests, for people. */
export async function writeSummary(output: Output, summary: ReplaySummary): Promise<void> {
  await output.write(`${totalsText(summary)}\n`);
  if (summary.skipped > 0) await output.write(`${skipsText(summary)}\n`);
  for (const [message, { count, example }] of summary.failures)
    await output.write(`not answered, ${count}: ${toOneLine(message)}, such as ${ref(example)}\n`);
  await writeTimes(output, summary);
  const { groups } = summary;
  for (const group of groups.slice(0, shownGroups)) await writeGroup(output, group);
  if (groups.length > shownGroups)
    await output.write(`\n${groups.length - shownGroups} more shapes; --format json has them\n`);
}

/** One request that was sent again, for people. */
export async function writeSingle(output: Output, answer: AnsweredReplay): Promise<void> {
  const { entry, verdict, recordedStatus, status, body } = answer;
  const call = `${entry.text("http.request.method") ?? ""} ${entry.text("url.original") ?? ""}`;
  await output.write(`${output.style("bold", toOneLine(call))}\n`);
  const then = recordedStatus === undefined ? "no answer" : String(recordedStatus);
  const times = [answer.recordedMs, answer.milliseconds].map((time) =>
    time === undefined ? "–" : durationText(time),
  );
  await output.write(`recorded ${then} in ${times[0]}, now ${status} in ${times[1]}: ${verdict}\n`);
  if (body.reason !== undefined) await output.write(`bodies not compared: ${body.reason}\n`);
  if (body.differences.length === 0) return;
  await output.write("\n");
  await writeDifferences(output, ["body", "recorded", "now"], body.differences);
}

/** The summary for programs. */
export function summaryJson(summary: ReplaySummary): string {
  const { same, different, unknown, failed, skipped, sent, withoutBody } = summary;
  const document = {
    sent,
    same,
    same_without_body: withoutBody,
    different,
    unknown,
    failed,
    skipped,
    skipped_by_reason: Object.fromEntries(summary.skips),
    failures: Array.from(summary.failures, ([message, rest]) => ({ message, ...rest })),
    recorded_ms: timesJson(summary.before),
    now_ms: timesJson(summary.after),
    groups: summary.groups.map((group) => ({
      shape: group.shape,
      count: group.count,
      example: group.example,
      differences: [...group.differences.values()],
      more: group.more,
    })),
  };
  return `${seenJson(document, 2)}\n`;
}

/** One result for programs. */
export function resultJson(result: ReplayResult): object {
  const { entry } = result;
  const call = {
    id: entry.id,
    action: entry.text("event.action"),
    method: entry.text("http.request.method"),
    url: entry.text("url.original"),
  };
  switch (result.kind) {
    case "skipped":
      return { ...call, result: "skipped", reason: result.reason };
    case "failed":
      return { ...call, result: "failed", reason: result.message };
    case "answered":
      return {
        ...call,
        result: result.verdict,
        ...(result.body.reason === undefined ? {} : { reason: result.body.reason }),
        status: { recorded: result.recordedStatus, now: result.status },
        ms: { recorded: result.recordedMs, now: Number(result.milliseconds.toFixed(3)) },
        shape: result.shape,
        differences: result.body.differences,
      };
  }
}

function totalsText(summary: ReplaySummary): string {
  const withoutBody =
    summary.withoutBody === 0 ? "" : ` (${summary.withoutBody} by their status only)`;
  return [
    `${summary.sent} sent: ${summary.same} answered the same${withoutBody}`,
    `${summary.different} differ`,
    ...(summary.unknown === 0 ? [] : [`${summary.unknown} without a recorded answer`]),
    ...(summary.failed === 0 ? [] : [`${summary.failed} not answered`]),
  ].join(", ");
}

function skipsText({ skipped, skips }: ReplaySummary): string {
  const parts = Array.from(skips, ([reason, count]) => `${count} ${reason}`);
  return `${skipped} not sent: ${parts.join(", ")}`;
}

async function writeTimes(output: Output, { before, after }: ReplaySummary): Promise<void> {
  if (before.count === 0) return;
  await output.write("\n");
  const right = (title: string): TableColumn => ({ title, isRight: true });
  const table = new Table(output, [
    { title: "time", isRight: false },
    ...["p50", "p95", "p99", "max"].map(right),
  ]);
  for (const [title, times] of [
    ["recorded", before],
    ["now", after],
  ] as const)
    await table.row([
      { text: title },
      ...shares.map((share) => ({ text: durationText(times.at(share) ?? 0) })),
      { text: durationText(times.max) },
    ]);
  await table.end();
}

async function writeGroup(output: Output, group: ReplayGroup): Promise<void> {
  const { shape = "other shapes", count, example, differences } = group;
  const title = `${count} × ${toOneLine(shape)}`;
  const width = Math.min(output.width, 1000) - 1;
  const shown = title.length > width ? `${title.slice(0, width)}…` : title;
  await output.write(`\n${output.style("bold", shown)}\n`);
  const table = new Table(output, [
    { title: "", isRight: true },
    ...["differs", "recorded", "now"].map((name) => ({ title: name, isRight: false })),
  ]);
  const places = [...differences.values()].sort((one, other) => other.count - one.count);
  for (const { where, count: times, before, after } of places.slice(0, shownPlaces))
    await table.row([
      { text: String(times) },
      { text: toOneLine(where) },
      valueCell(before, "red"),
      valueCell(after, "green"),
    ]);
  const more = places.length - shownPlaces + group.more;
  if (more > 0) await table.note(`and ${more} more`);
  await table.note(`such as ${ref(example)}`);
  await table.end();
}

function ref(id: string): string {
  return id.slice(-8);
}

function timesJson(times: Quantiles): object {
  if (times.count === 0) return { count: 0 };
  const [p50, p95, p99] = shares.map((share) => times.at(share));
  return { count: times.count, p50, p95, p99, max: times.max };
}
