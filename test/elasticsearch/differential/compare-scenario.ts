/** One scenario on two servers. */
import type { CorpusGroup, Step } from "../corpus/corpus.ts";
import { type Difference, differences } from "../corpus/compare.ts";
import { type Answer, replay } from "../corpus/replay.ts";
import { acceptedReason } from "./accepted.ts";
import { olderReason } from "./secured/older.ts";
import type { Scenario } from "./scenarios.ts";

/** A request that two servers answer differently. */
export interface Disagreement {
  /** Its place in the group, from 0. */
  readonly at: number;
  readonly step: Step;
  readonly differences: readonly Difference[];
}

/** Addresses of what is compared. */
export interface Servers {
  readonly real: string;
  readonly mock: string;
  /** Of a superuser, where they know their users. */
  readonly authorization?: string | undefined;
  /** The real one is of version 8.19. @default false */
  readonly isOlder?: boolean;
}

/** What comparing a scenario gave. */
export interface Comparison {
  readonly compared: number;
  /** Requests that the mock refuses by name. */
  readonly refused: readonly Step[];
  /** Reasons for which answers may differ, one for each request that does. */
  readonly accepted: readonly string[];
  readonly disagreements: readonly Disagreement[];
}

/** The requests of a scenario with a mapping that is always the same. */
export function toGroup({ mapping, documents, searches }: Scenario): CorpusGroup {
  const lines = documents.flatMap((document, at) => [{ index: { _id: String(at + 1) } }, document]);
  const steps: Step[] = [
    { ask: "DELETE /differential?ignore_unavailable=true" },
    {
      ask: "PUT /differential",
      body: { settings: { number_of_replicas: 0 }, mappings: mapping },
    },
    { ask: "POST /differential/_bulk?refresh=true", body: lines },
    ...searches.map((body): Step => ({ ask: "POST /differential/_search", body })),
  ];
  return { name: "differential", steps };
}

/** Sends requests to both servers and compares the answers one by one. */
export async function compareGroup(
  { real, mock, authorization, isOlder }: Servers,
  group: CorpusGroup,
): Promise<Comparison> {
  const expected = await replay(real, group, authorization);
  const actual = await replay(mock, group, authorization);
  const refused: Step[] = [];
  const accepted: string[] = [];
  const disagreements: Disagreement[] = [];
  let compared = 0;
  const lost = new Set<string>();
  let isParted = false;
  for (const [at, answer] of expected.entries()) {
    const other = actual[at];
    const step = group.steps[at] ?? { ask: answer.ask };
    if (step.isApart === true) isParted = false;
    if (isParted) continue;
    compared++;
    // What a refused answer would have named is not known to the mock.
    if ([...lost].some((name) => JSON.stringify(step).includes(`\${${name}}`))) continue;
    if (other !== undefined && isRefusal(other)) {
      refused.push(step);
      for (const name of Object.keys(step.keep ?? {})) lost.add(name);
      // Without what the mock refused to make or to write, the rest cannot be the same.
      if (isWrite(step)) isParted = true;
      continue;
    }
    const found = differences(answer, other).filter(
      (one) =>
        !isRounding(one) &&
        !isDocumentNumber(step, one) &&
        !isShardDocument(step, one) &&
        !isTier(one) &&
        !isLength(one) &&
        !isDeprecation(one),
    );
    if (found.length === 0) continue;
    const reason =
      acceptedReason(answer, other, step.body) ??
      (isOlder === true ? olderReason(answer, other) : undefined);
    if (reason !== undefined) {
      accepted.push(reason);
      // Nor is what an answer named that may be another one.
      for (const name of Object.keys(step.keep ?? {})) lost.add(name);
      continue;
    }
    disagreements.push({ at, step, differences: found });
    // From here on the two have other documents.
    if (isWrite(step)) isParted = true;
  }
  return { compared, refused, accepted, disagreements };
}

/** True for a request after which the documents or the mapping may be others. */
export function isWrite({ ask }: Step): boolean {
  return /^(?:PUT|DELETE|POST .*\/_?(?:bulk|update|create|doc|aliases|restore|clone|shrink|split|reindex|update_by_query|delete_by_query|rollover)\b)/.test(
    ask,
  );
}

/** Scores in sorts are sums of floats, whose last digit depends on the order of adding. */
function isRounding({ path, real, mock }: Difference): boolean {
  if (!/\.sort\.\d+$/.test(path)) return false;
  const [a, b] = [real, mock].map((value) => Number(String(value).replace("~", "")));
  return a !== undefined && b !== undefined && Math.abs(a - b) <= Math.abs(a) * 1e-6;
}

/** Lucene numbers nested objects, too; the mock only documents. */
function isDocumentNumber({ ask, body }: Step, { path }: Difference): boolean {
  const isPage = ask.includes("/_search/scroll");
  return /\.sort\.\d+$/.test(path) && (isPage || (JSON.stringify(body) ?? "").includes('"_doc"'));
}

/** The last sort value of a point in time counts documents as the server's segments do. */
function isShardDocument({ body }: Step, { path }: Difference): boolean {
  return /\.sort\.\d+$/.test(path) && (JSON.stringify(body) ?? "").includes('"pit":');
}

/** Tiers come with a module that the real node does not have. */
function isTier({ path }: Difference): boolean {
  return path === "body.fields._tier";
}

/** The real node has no appender that would put deprecations into answers. */
function isDeprecation({ path, real, mock }: Difference): boolean {
  return path === "headers.warning" && real === undefined && String(mock).includes("deprecated");
}

/** An answer that the server streams has no length for HEAD. */
function isLength({ path, real }: Difference): boolean {
  return path === "headers.content-length" && real === undefined;
}

function isRefusal({ body }: Answer): boolean {
  return JSON.stringify(body ?? "").includes("is not supported by mock-es");
}
