/** What a server of version 8.19 answers otherwise than one of 9.5, which the mock follows. */
import type { Answer } from "../../corpus/replay.ts";

interface OlderAnswer {
  readonly reason: string;
  readonly holds: (real: string, mock: string) => boolean;
}

/** Answers that are the same but for a part of them, and for the order of their members. */
const alikeWithout = (...parts: readonly RegExp[]): OlderAnswer["holds"] => {
  const without = (text: string): string => {
    const rest = parts.reduce((left, part) => left.replaceAll(part, ""), text);
    return rest.replaceAll(",", "").split("").toSorted().join("");
  };
  return (real, mock) => real !== mock && without(real) === without(mock);
};

const older: readonly OlderAnswer[] = [
  {
    reason: "8.19 has no API that takes blocks away",
    holds: (real) => /^\{"ask":"DELETE [^"]*\/_block\/[^"]*","status":405,/.test(real),
  },
  {
    reason: "8.19 has no _cat/circuit_breaker, and a path in _security that nothing is behind",
    holds: (real) =>
      /^\{"ask":"GET \/_cat\/circuit_breaker[^"]*","status":400,/.test(real) ||
      real.startsWith('{"ask":"GET /_security/nonsense","status":405,'),
  },
  {
    reason: "8.19 lists the privileges that grant an action otherwise, and those that there are",
    holds: alikeWithout(
      /granted by the (?:cluster|index) privileges \[[^\]]*\]/g,
      /one of the predefined .*? or a pattern/g,
    ),
  },
  {
    reason: "8.19 leaves names out behind a pattern only",
    holds: (real) => /^\{"ask":"[A-Z]+ [^"?]*[/,]-/.test(real),
  },
  {
    reason: "8.19 tells of a body that ends too early as of another one that cannot be read",
    holds: (real, mock) =>
      real.includes("Unexpected end-of-input") && mock.includes('"x_content_e_o_f_exception"'),
  },
  {
    reason: "8.19 tells of missing searches by their number, and of missing aliases in any order",
    holds: alikeWithout(
      / for id \[[^\]]*\](?:\[[^\]]*\] searcherId \[null\]\])?/g,
      /aliases \[[^\]]*\] missing/g,
      /"resource\.id":(?:\[[^\]]*\]|"[^"]*")/g,
    ),
  },
  {
    reason: "8.19 shows where an index is allocated, and not who manages a key",
    holds: alikeWithout(
      /"index":\{"routing":\{"allocation":\{"include":\{"_tier_preference":"data_content"\}\}\}\}/g,
      /,"managed_by":"elasticsearch"/g,
    ),
  },
  {
    reason: "8.19 reads the id of a point in time later",
    holds: (real, mock) =>
      /^\{"ask":"POST \/_search[^"]*","status":403,/.test(real) &&
      mock.includes("Cannot parse scroll id"),
  },
  {
    reason: "8.19 does not know [id] where keys are ended",
    holds: (real) => real.includes("[invalidate_api_key] unknown field [id]"),
  },
  {
    reason:
      "8.19 tells otherwise of searches that are kept open where there are no shards (any more)",
    holds: (real, mock) =>
      real.includes('"no nodes to search on"') ||
      (real.includes('"no_shard_available_action_exception"') &&
        mock.includes('"search_context_missing_exception"')) ||
      /^\{"ask":"DELETE \/_search\/scroll","status":404,.*"num_freed":0/.test(real),
  },
  {
    reason: "8.19 tells of no mode of an index",
    holds: alikeWithout(/,"mode":"standard"/g),
  },
  {
    reason: "another version",
    holds: alikeWithout(/"(?:created|number|minimum_\w+_version)":"[\d.]+",?/g),
  },
  {
    reason: "8.19 has other privileges of other clusters",
    holds: (real, mock) =>
      real.includes("/user/_has_privileges") &&
      alikeWithout(
        /"(?:internal:transport\/proxy[^"]*|read_cross_cluster|cross_cluster_\w+)":(?:true|false),?/g,
        /"has_all_requested":(?:true|false)/g,
      )(real, mock),
  },
  {
    reason: "8.19 gives HEAD of a template a body's fields",
    holds: (real, mock) =>
      real.startsWith('{"ask":"HEAD /_template/') &&
      alikeWithout(/"content-(?:type|length)":"[^"]*",?/g)(real, mock),
  },
];

/** Why an older server may answer so; `undefined` when it may not. */
export function olderReason(real: Answer, mock: Answer | undefined): string | undefined {
  const [expected, actual] = [JSON.stringify(real), JSON.stringify(mock ?? null)];
  return older.find(({ holds }) => holds(expected, actual))?.reason;
}
