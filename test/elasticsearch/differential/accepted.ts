/** Answers to random requests that may differ, with the reasons. */
import type { Answer } from "../corpus/replay.ts";
import { differsByOwnIndex } from "./secured/own-index.ts";

interface AcceptedDifference {
  readonly reason: string;
  /** @param body what was asked */
  readonly holds: (real: string, mock: string, body: string) => boolean;
}

const bothSay = (text: string): ((real: string, mock: string) => boolean) => {
  return (real, mock) => real.includes(text) && mock.includes(text);
};

/** An answer without the statistics of its terms, its members in order. */
function withoutStatistics(text: string): string {
  return lettersIn(text.replaceAll(/"field_statistics":\{[^}]*\},?/g, ""));
}

/** An answer whose members may stand in any order. */
function lettersIn(text: string): string {
  return text.split("").toSorted().join("");
}

/** True for a refusal of the request; with `isOfShards` for one that its shards made. */
function isRefused(text: string, isOfShards: boolean): boolean {
  // The answer as a whole, not an item of it.
  return (
    text.includes('"body":{"error":{') &&
    text.includes('"status":400') &&
    text.includes('"failed_shards"') === isOfShards
  );
}

/** The types of an error and of its first cause, the outermost first. */
function typesIn(text: string): string {
  const cause = /"root_cause":\[\{"type":"([^"]*)"/.exec(text)?.[1];
  const own = /\],"type":"([^"]*)"/.exec(text)?.[1];
  return `${own} ${cause}`;
}

/** Of users, roles and keys every refusal is told as the server tells it. */
const isOfSecurity = /^\{"ask":"[A-Z]+ \/_security\/(?!_query)/;

const bothRefuse = (isOfShards: boolean, hasSameTypes: boolean): AcceptedDifference["holds"] => {
  return (real, mock) =>
    !isOfSecurity.test(real) &&
    isRefused(real, isOfShards) &&
    isRefused(mock, isOfShards) &&
    (typesIn(real) === typesIn(mock)) === hasSameTypes;
};

/** An answer whose refusal is told as one of another phase. */
function withoutPhase(text: string): string {
  return text.replaceAll(/"phase":"(?:dfs|dfs_query|query)"/g, "");
}

function withoutLength(text: string): string {
  return text.replace(/"content-length":"\d+",?/, "");
}

function withSortedRoles(text: string): string {
  return text.replaceAll(
    /effective roles \[([^\]]*)\]/g,
    (_, names: string) => `effective roles [${names.split(",").toSorted().join()}]`,
  );
}

function causesIn(text: string): string {
  const reasons = text.matchAll(/\\?"reason\\?":\\?"(action [^"\\]*)/g);
  return [...new Set([...reasons].map(([, reason]) => reason))].toSorted().join("\n");
}

/** The reasons of an answer that tells of several things together. */
function reasonsIn(text: string): string {
  return [...text.matchAll(/"reason":"((?:[^"\\]|\\.)*)"/g)]
    .map(([, reason = ""]) => reason)
    .toSorted()
    .join("\n");
}

/** How many shards a page of a scroll asks, or frees. */
const scrolledShards =
  /(?<=\/_search\/scroll.*)(?:"_shards":\{"total":\d,"successful":\d|"num_freed":\d)/g;

/** An answer without what tells that shards were left out, and their count and score of nothing. */
function withoutSkipped(text: string): string {
  return text
    .replaceAll(/"skipped":\d+/g, '"skipped":0')
    .replaceAll(scrolledShards, "")
    .replaceAll(/"num_reduce_phases":\d+,/g, "")
    .replaceAll('"max_score":0,"hits":[]', '"max_score":null,"hits":[]')
    .replaceAll('"hits":{"total":{"value":0,"relation":"eq"},', '"hits":{');
}

/** An answer without what tells how many shards took part. */
function withoutFastest(text: string): string {
  return text
    .replaceAll(/"num_reduce_phases":\d+,/g, "")
    .replaceAll(/"bg_count":\d+(?=,"buckets":\[\])/g, '"bg_count":0');
}

function withoutSeeds(text: string): string {
  return text.replaceAll(/"seed":-?\d+/g, '"seed":0');
}

/** An answer without what tells that nothing was asked to end early. */
function withoutEarlyEnd(text: string): string {
  return text.replaceAll('"terminated_early":false,', "");
}

const accepted: readonly AcceptedDifference[] = [
  {
    reason: "the real server fails on a defect of its own",
    holds: (real) =>
      /^\{"ask":"[^"]*","status":500,/.test(real) ||
      /"reason":\{"type":"(?:array_index_out_of_bounds|null_pointer)_exception"/.test(real),
  },
  {
    reason: "the real server drops a boosting that finds nothing before it looks at its clauses",
    holds: (real, mock, body) =>
      body.includes('"boosting":{"positive":{"range":') &&
      real.includes('"total":{"value":0,') &&
      isRefused(mock, true),
  },
  {
    reason: "the real server does not ask hits for their group that cannot be shown",
    holds: (real, mock, body) =>
      body.includes('"collapse":{') &&
      real.includes('"status":200,') &&
      mock.includes("the grouping field must be single valued"),
  },
  {
    reason: "the real server has none of the module's tokenizers by their names",
    holds: (real) =>
      real.includes("failed to find global tokenizer under [keyword]") ||
      real.includes("failed to find tokenizer under [keyword]"),
  },
  {
    reason: "the real server has none of the module's types of fields",
    holds: (real) => /The mapper type \[\w+\] declared on field/.test(real),
  },
  {
    reason: "the seed of a random_sampler without one",
    holds: (real, mock, body) =>
      body.includes('"random_sampler"') &&
      !body.includes('"seed"') &&
      lettersIn(withoutSeeds(real)) === lettersIn(withoutSeeds(mock)),
  },
  {
    reason: "a random_score without a seed is random",
    holds: (real, _mock, body) =>
      body.includes('"random_score":{') && !body.includes('"seed":') && real.includes('"hits"'),
  },
  {
    reason: "the order of what an explanation adds up",
    holds: (real, mock, body) =>
      body.includes('"explain":true') && lettersIn(real) === lettersIn(mock),
  },
  {
    reason: "the real server leaves shards out that can match nothing, before it asks them",
    holds: (real, mock) =>
      real !== mock &&
      (withoutSkipped(real) === withoutSkipped(mock) ||
        (/"skipped":[1-9]/.test(real) && isRefused(mock, true))),
  },
  {
    reason: "a shard that can match nothing counts unless another was faster",
    holds: (real, mock, body) =>
      body.includes('"query":') &&
      real !== mock &&
      /"_shards":\{"total":[2-9]/.test(real) &&
      withoutFastest(real) === withoutFastest(mock),
  },
  {
    reason: "with rest_total_hits_as_int and no hits the real server may tell of no early end",
    holds: (real, mock) => real !== mock && withoutEarlyEnd(real) === mock,
  },
  {
    reason: "the real server writes where in its memory a pattern is",
    holds: (real) => real.includes("org.apache.lucene.util.automaton.Automaton@"),
  },
  {
    reason: "the real server had no memory left",
    holds: (real) => real.includes('"circuit_breaking_exception"'),
  },
  {
    reason: "the mock has no index of the server's own for users and roles",
    holds: differsByOwnIndex,
  },
  {
    reason: "the length of what is left out tells of an index that the mock does not have",
    holds: (real, mock) =>
      real.startsWith('{"ask":"HEAD ') && withoutLength(real) === withoutLength(mock),
  },
  {
    reason: "what a server asks for at once fails in any order",
    holds: (real, mock) => real.includes("suppressed") && causesIn(real) === causesIn(mock),
  },
  {
    reason: "the real server has none of the module's processors",
    holds: (real) =>
      real.includes("No processor type exists with name [") ||
      real.startsWith('{"ask":"GET /_ingest/pipeline","status":404,'),
  },
  {
    reason: "effective roles are told in the order of a hash set",
    holds: (real, mock) => withSortedRoles(real) === withSortedRoles(mock),
  },
  {
    reason: "grants of several roles are told in the order of a hash set of roles",
    holds: (real, mock) =>
      real.includes("/user/_privileges") && lettersIn(real) === lettersIn(mock),
  },
  {
    reason: "the cause of an unreadable scroll id depends on how the server encodes ids",
    holds: (real, mock) =>
      mock.includes("Cannot parse scroll id") &&
      /Cannot parse scroll id|java\.io\.EOF|Illegal base64 character|invalid id: \[/.test(real),
  },
  {
    reason: "the mock does not list what the real parser of query strings was expecting",
    holds: (real, mock) => real.includes("Encountered ") && mock.includes("Cannot parse '"),
  },
  {
    reason: "a negative boost is refused with the query as Java writes it",
    holds: bothSay("negative [boost] are not allowed in ["),
  },
  {
    reason:
      "a filter of term vectors takes what the server's last seek left for terms without documents",
    holds: (real, mock, body) =>
      body.includes('"filter":{') && bothSay('"term_vectors":{')(real, mock),
  },
  {
    reason: "an explanation of a number beyond its field's type",
    holds: (real) => /"description":"Value \[.*\] is out of range"/.test(real),
  },
  {
    reason: "the phase of a refused dfs_query_then_fetch",
    holds: (real, mock) => withoutPhase(real) === withoutPhase(mock),
  },
  {
    reason: "which of several wrong settings is told first is decided when the server starts",
    holds: (real, mock) =>
      bothSay('"suppressed":[')(real, mock) &&
      [...new Set(reasonsIn(real).split("\n"))].join() ===
        [...new Set(reasonsIn(mock).split("\n"))].join(),
  },
  {
    reason: "statistics of terms count what was deleted until it is merged away",
    holds: (real, mock) =>
      bothSay('"term_vectors"')(real, mock) && withoutStatistics(real) === withoutStatistics(mock),
  },
  {
    reason: "dates that were deleted are compared with until they are merged away",
    holds: (real, mock, body) =>
      body.includes('"range":{') &&
      real.includes("failed to parse date field") &&
      /"matched":false|"value":0,"relation"/.test(mock),
  },
  {
    reason: "a shard without documents does not begin to collect, and refuses nothing then",
    holds: (real, mock) =>
      real.includes('"failures":[{"shard"') &&
      mock.includes('"all shards failed"') &&
      firstReason(real) === firstReason(mock),
  },
  {
    reason: "both refuse one of several searches with the same types of errors, in other words",
    holds: (real, mock) =>
      real.includes("/_msearch?") &&
      real.includes('"error":{') &&
      withoutReasons(real) === withoutReasons(mock),
  },
  {
    reason:
      "both refuse one of several searches on the shards, and tell another of several refusals",
    holds: (real, mock) =>
      real.includes("/_msearch?") &&
      real.includes('"failed_shards":[') &&
      withoutRefusals(real) === withoutRefusals(mock),
  },
  {
    reason: "both refuse what cannot be read with the same types of errors, in other words",
    holds: bothRefuse(false, true),
  },
  {
    reason: "both refuse what cannot be read, and tell another of its faults",
    holds: bothRefuse(false, false),
  },
  {
    reason: "both refuse on the shards with the same types of errors, in other words",
    holds: bothRefuse(true, true),
  },
  {
    reason: "both refuse on the shards, and tell another of several refusals",
    holds: bothRefuse(true, false),
  },
];

/** An answer to several searches without what their refusals say. */
function withoutReasons(text: string): string {
  return text.replaceAll(/"reason":"(?:[^"\\]|\\.)*"/g, '"reason":""');
}

/** An answer to several searches without the refusals of shards. */
function withoutRefusals(text: string): string {
  return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
    key === "error" && JSON.stringify(value).includes('"failed_shards":[') ? "of shards" : value,
  );
}

/** The words of the first refusal of a shard in an answer. */
function firstReason(text: string): string | undefined {
  const list = text.slice(text.search(/"(?:failures|failed_shards)":/));
  return /"reason":\{"type":"[^"]*","reason":"((?:[^"\\]|\\.)*)"/.exec(list)?.[1];
}

/** Why two different answers may differ; `undefined` when they may not. */
export function acceptedReason(
  real: Answer,
  mock: Answer | undefined,
  asked?: unknown,
): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  const body = JSON.stringify(asked ?? null);
  return accepted.find(({ holds }) => holds(expected, actual, body))?.reason;
}
