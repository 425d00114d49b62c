/** Sums up requests that were sent again: how many, how fast, and what differs where. */
import { Quantiles } from "../read/quantiles.ts";
import { plainPath } from "./json-diff.ts";
import type { AnsweredReplay, ReplayResult, SkipReason } from "./replay.ts";

/** Something that differs in answers to requests of one shape. */
export interface ReplayDifference {
  /** `status`, or a path of the body without list positions. */
  readonly where: string;
  /** Answers in which it differs. */
  count: number;
  /** Beginnings of the values of the first of them, as JSON; `undefined`: it is not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Requests of one shape whose answers differ. */
export interface ReplayGroup {
  /** The call, and the query without its values; `undefined`: further shapes together. */
  readonly shape: string | undefined;
  count: number;
  /** Id of the first of them. */
  readonly example: string;
  /** By `where`, in the order in which they were found. */
  readonly differences: Map<string, ReplayDifference>;
  /** Differences at further places. */
  more: number;
}

/** Requests that were not answered, for one reason. */
export interface ReplayFailure {
  count: number;
  readonly example: string;
}

/** More shapes, reasons or places are not told apart. */
const [mostGroups, mostFailures, mostPlaces] = [200, 50, 100];
/** Of a value that is kept as an example. UTF-16 code units. */
const mostValue = 500;

/** The summary so far. */
export class ReplaySummary {
  same = 0;
  different = 0;
  /** Answered, but the trail has no answer to compare with. */
  unknown = 0;
  failed = 0;
  skipped = 0;
  /** Of those that are the same: only the statuses were compared. */
  withoutBody = 0;
  readonly skips = new Map<SkipReason, number>();
  readonly failures = new Map<string, ReplayFailure>();
  /** Times of exchanges that were answered with the same status, then and now. Milliseconds. */
  readonly before = new Quantiles();
  readonly after = new Quantiles();
  readonly #groups = new Map<string | undefined, ReplayGroup>();

  get sent(): number {
    return this.same + this.different + this.unknown + this.failed;
  }

  /** The largest first. */
  get groups(): readonly ReplayGroup[] {
    return [...this.#groups.values()].sort((one, other) => other.count - one.count);
  }

  add(result: ReplayResult): void {
    switch (result.kind) {
      case "skipped":
        this.skipped += 1;
        this.skips.set(result.reason, (this.skips.get(result.reason) ?? 0) + 1);
        return;
      case "failed":
        this.failed += 1;
        this.#addFailure(result.entry.id, result.message);
        return;
      case "answered":
        this.#addAnswer(result);
    }
  }

  #addFailure(id: string, message: string): void {
    const known = this.failures.get(message);
    if (known !== undefined) known.count += 1;
    else if (this.failures.size < mostFailures)
      this.failures.set(message, { count: 1, example: id });
  }

  #addAnswer(answer: AnsweredReplay): void {
    this[answer.verdict] += 1;
    if (answer.verdict === "same" && answer.body.reason !== undefined) this.withoutBody += 1;
    if (answer.recordedMs !== undefined && answer.recordedStatus === answer.status) {
      this.before.add(answer.recordedMs);
      this.after.add(answer.milliseconds);
    }
    if (answer.verdict === "different") this.#addDifferent(answer);
  }

  #addDifferent(answer: AnsweredReplay): void {
    const group = this.#group(answer);
    group.count += 1;
    const places = new Set<string>();
    const add = (where: string, before: string | undefined, after: string | undefined): void => {
      if (places.has(where)) return;
      places.add(where);
      const known = group.differences.get(where);
      if (known !== undefined) known.count += 1;
      else if (group.differences.size < mostPlaces)
        group.differences.set(where, {
          where,
          count: 1,
          before: short(before),
          after: short(after),
        });
      else group.more += 1;
    };
    const isOtherStatus = answer.recordedStatus !== answer.status;
    if (isOtherStatus) add("status", String(answer.recordedStatus), String(answer.status));
    for (const { path, before, after } of answer.body.differences)
      // Of two answers of different kinds only the error tells something.
      if (!isOtherStatus || /^error(?:\.|$)/.test(path))
        add(path === "" ? "body" : `body.${plainPath(path)}`, before, after);
  }

  #group({ shape, entry }: AnsweredReplay): ReplayGroup {
    const key = this.#groups.has(shape) || this.#groups.size < mostGroups ? shape : undefined;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { shape: key, count: 0, example: entry.id, differences: new Map(), more: 0 };
      this.#groups.set(key, group);
    }
    return group;
  }
}

function short(value: string | undefined): string | undefined {
  return value !== undefined && value.length > mostValue ? `${value.slice(0, mostValue)}…` : value;
}
