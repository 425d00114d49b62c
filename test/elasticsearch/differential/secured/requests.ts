/** Random requests of random callers to a server that knows its users. */
import * as fc from "fast-check";
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { type Ask, ofCluster, ofDocuments, ofIndices } from "./asks.ts";
import { bySuperuser, caller, forgotten, made } from "./callers.ts";
import { flow } from "./flows.ts";
import { moreOfCluster, moreOfDocuments, moreOfIndices } from "./more-asks.ts";

/** Requests of a scenario. */
const requestsEach = 60;

const target = fc.constantFrom(
  "*",
  "*,-secret",
  "-secret,*",
  "_all",
  "absent",
  "absent*",
  "books-*",
  "books-*,-books-2",
  "books-1",
  "books-1,books-2",
  "books-1,secret",
  "logs",
  "new-1",
  "secret",
  "secret,absent",
  "shelf",
  "shelf,logs",
  "s*",
  ".security*",
  ".security-7",
);
const single = fc.constantFrom(
  "books-1",
  "books-2",
  "logs",
  "new-1",
  "secret",
  "shelf",
  "absent",
  "made-1",
  "mine",
);
const id = fc.constantFrom("1", "2", "9");
const alias = fc.constantFrom("mine", "shelf", "m*", "*", "*,-mine", "shelf,mine", "absent");
const options = fc.constantFrom(
  "",
  "",
  "",
  "ignore_unavailable=true",
  "allow_no_indices=false",
  "expand_wildcards=all",
  "expand_wildcards=none",
);

const filled = (asks: readonly Ask[]): fc.Arbitrary<Step> =>
  fc
    .tuple(fc.constantFrom(...asks), target, single, id, alias, options, caller)
    .map(([[ask, body], t, s, i, a, option, headers]) => {
      const fill = (text: string): string =>
        text.replaceAll("{t}", t).replaceAll("{s}", s).replaceAll("{i}", i).replaceAll("{a}", a);
      const takesOptions = /\/\{t\}/.test(ask) && !/_cat|_resolve|_terms_enum/.test(ask);
      const mark = ask.includes("?") ? "&" : "?";
      const more = takesOptions && option !== "" ? `${mark}${option}` : "";
      return {
        ask: fill(ask) + more,
        headers,
        ...(body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body))) as unknown }),
        // Made at random, and nobody asks for them.
        ...(ask === "POST /_security/api_key" || ask === "POST /_security/api_key/grant"
          ? { keep: { made: "id", secret: "api_key", encoded: "encoded" } }
          : {}),
        ...(ask.startsWith("GET /_cat") ? { isText: true } : {}),
      };
    });

const alone = (step: fc.Arbitrary<Step>): fc.Arbitrary<readonly Step[]> => step.map((one) => [one]);

const documents = ["books-1", "books-2", "secret", "logs"].flatMap((name) =>
  ["1", "2"].flatMap((one) => [{ index: { _index: name, _id: one } }, { t: `${name} ${one}` }]),
);

/** Indices, roles, users and keys, and what is asked of them. */
export const securedScenarios: fc.Arbitrary<CorpusGroup> = fc
  .tuple(
    made,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: alone(filled([...ofIndices, ...moreOfIndices])) },
        { weight: 4, arbitrary: alone(filled([...ofDocuments, ...moreOfDocuments])) },
        { weight: 3, arbitrary: alone(filled([...ofCluster, ...moreOfCluster])) },
        { weight: 1, arbitrary: flow },
      ),
      { minLength: requestsEach, maxLength: requestsEach },
    ),
  )
  .map(([people, steps]) => ({
    name: "secured",
    steps: [
      ...forgotten,
      bySuperuser("PUT /*/_settings?expand_wildcards=all&allow_no_indices=true", {
        "index.blocks.read_only": null,
      }),
      ...[
        "books-1",
        "books-2",
        "books-000002",
        "secret",
        "logs",
        "new-1",
        "new-2",
        "absent",
        "shelf",
        "made-1",
        "mine",
      ].map((name) => bySuperuser(`DELETE /${name}?ignore_unavailable=true`)),
      bySuperuser("DELETE /_index_template/made"),
      bySuperuser("DELETE /_component_template/made"),
      bySuperuser("DELETE /_template/made"),
      bySuperuser("DELETE /_security/privilege/shop/read"),
      bySuperuser("DELETE /_security/role_mapping/m"),
      bySuperuser("DELETE /_security/user/new"),
      bySuperuser("PUT /books-1", { aliases: { shelf: {} }, settings: { number_of_replicas: 0 } }),
      ...["books-2", "secret", "logs"].map((name) =>
        bySuperuser(`PUT /${name}`, { settings: { number_of_replicas: 0 } }),
      ),
      bySuperuser("POST /_bulk?refresh=true", documents),
      ...people,
      ...steps.flat(),
    ],
  }));
