/** Requests with a body, of which members are changed. */
import type { Step } from "../../corpus/corpus.ts";
import type { Path } from "./changes.ts";

type Json = Readonly<Record<string, unknown>>;

/** A request with a body, what it needs, and what shows and undoes its effect. */
export interface BodyBase {
  readonly before?: readonly Step[];
  readonly ask: string;
  /** A list is sent as lines. */
  readonly body: Json | readonly Json[];
  /** True for places that are left as they are. */
  readonly keeps?: (path: Path) => boolean;
  /** Places in the answer that are not compared. */
  readonly mask?: readonly string[];
  readonly after?: readonly string[];
}

/** What is there before the first request of a group. */
export const bodiesSetup: readonly Step[] = [
  {
    ask: "PUT /_cluster/settings",
    body: {
      persistent: { "*": null },
      transient: { "*": null, "action.destructive_requires_name": false },
    },
  },
  { ask: "DELETE /*?expand_wildcards=all" },
  { ask: "DELETE /_index_template/*" },
  { ask: "DELETE /_component_template/*" },
  { ask: "DELETE /_template/*" },
  { ask: "DELETE /_snapshot/*" },
  {
    ask: "PUT /i1",
    body: {
      mappings: {
        properties: {
          a: { type: "long" },
          k: { type: "keyword" },
          t: { type: "text" },
          s: { type: "keyword", store: true },
        },
      },
      settings: { number_of_replicas: 0 },
      aliases: { al: {} },
    },
  },
  { ask: "PUT /i1/_doc/1?refresh=true", body: { a: 1, k: "x", t: "hello world", s: "y" } },
  { ask: "PUT /i3-000001", body: { aliases: { roll: { is_write_index: true } } } },
];
