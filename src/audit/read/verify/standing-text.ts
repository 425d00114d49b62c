/** The standing of records, said in words that need no knowledge of transparency logs. */
import type { Anchor } from "./anchor.ts";
import type { RecordStanding, Standing } from "./record-standing.ts";
import type { TrustSource } from "./trust.ts";

/** From the worst to the best: one record decides for an exchange. */
const order: readonly Standing[] = ["contradicted", "unknown", "unsigned", "proven"];

const verdicts: Readonly<Record<Standing, string>> = {
  contradicted: "Not as it was signed",
  unknown: "Not proven",
  unsigned: "Not signed yet",
  proven: "As it was signed",
};

/** What the records of an entry come to. */
export interface StandingSummary {
  readonly standing: Standing;
  readonly verdict: string;
  /** One or more for each record. */
  readonly sentences: readonly string[];
}

/** All of it in words. */
export function standingSummary(
  standings: readonly RecordStanding[],
  source: TrustSource,
): StandingSummary {
  const found = new Set(standings.map(({ standing }) => standing));
  const standing = order.find((one) => found.has(one)) ?? "unknown";
  const sentences = recordTexts(standings);
  if (standings.some(({ standing: one }) => one === "unsigned"))
    sentences.push(
      "What stands behind the newest checkpoint is proven by nothing yet: the next one will " +
        "contain it.",
    );
  if (source === "directory" && standings.some(({ newest }) => newest !== undefined))
    sentences.push(
      "The keys are those that the directory itself names: compare them with those that you " +
        "were given.",
    );
  return { standing, verdict: verdicts[standing], sentences };
}

/** What is the same for both records is said once. */
function recordTexts(standings: readonly RecordStanding[]): string[] {
  const [first, last] = standings;
  if (first === undefined) return [];
  if (last === undefined) return [`The record${placeText(first)} ${stateText(first, false)}`];
  const text = stateText(first, true);
  if (text === stateText(last, true) && first.log === last.log) {
    const from = first.index;
    const numbers =
      from === undefined || last.index === undefined
        ? ` of the log ${first.log}`
        : `, numbers ${countText(from)} and ${countText(last.index)} of the log ${first.log},`;
    return [`Both records${numbers} ${text}`];
  }
  return [
    `The first record${placeText(first)} ${stateText(first, false)}`,
    `The last record${placeText(last)} ${stateText(last, false)}`,
  ];
}

function placeText({ index, log }: RecordStanding): string {
  return index === undefined ? "" : `, number ${countText(index)} of the log ${log},`;
}

function stateText(one: RecordStanding, isBoth: boolean): string {
  const { standing, newest, reason, isErased } = one;
  const [is, stands, does] = isBoth ? ["are", "stand", "do"] : ["is", "stands", "does"];
  if (standing === "proven" && newest !== undefined) {
    const entry = isBoth ? "were erased, and their entries are" : "was erased, and its entry is";
    const text = `${isErased ? entry : is} in the newest checkpoint ${anchorText(newest)}.`;
    return `${text}${witnessText(one, isBoth)}`;
  }
  if (standing === "unsigned" && newest !== undefined)
    return `${stands} behind the newest checkpoint ${anchorText(newest)}.`;
  if (standing === "unsigned") return `${is} in no checkpoint: ${reason}.`;
  return `${standing === "unknown" ? "cannot be proven" : `${does} not fit`}: ${reason}.`;
}

function anchorText({ origin, size }: Anchor): string {
  return `(${origin}, ${countText(size)} records)`;
}

function witnessText({ witnessed, newest }: RecordStanding, isBoth: boolean): string {
  if (witnessed === undefined)
    return " Only the log itself has signed it: who owns its key could have computed it anew.";
  const there = isBoth ? "the records were" : "the record was";
  const size = witnessed.size === newest?.size ? "it" : `the one of ${countText(witnessed.size)}`;
  if (witnessed.cosigners.length === 0)
    return ` ${size === "it" ? "It" : "An earlier one"} is the one you hold (${witnessed.where}).`;
  const names = witnessed.cosigners.map(({ name, time }) => `${name}${timeText(time)}`);
  return ` ${names.join(" and ")} cosigned ${size}: by then ${there} there.`;
}

function timeText(seconds: number): string {
  if (seconds === 0) return "";
  return ` at ${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function countText(count: number): string {
  return count.toLocaleString("en");
}
