/** `_eql`: searches, and results that were asked to be kept. They are there at once. */
import { notSupported } from "../es-error.ts";
import { jsonText } from "../json/json-value.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileFetchFields } from "../search/fetch/fetch-fields.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import { contextOf } from "../search/shard-search.ts";
import type { Cluster } from "../store/cluster.ts";
import { sourceText } from "../store/stored-document.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { type EqlAnswer, runEql } from "./eql.ts";
import type { EqlEvent } from "./eql-events.ts";
import { readEqlRequest } from "./eql-request.ts";
import { endedStatus, forget, keep, keepAliveOf, namedResult } from "./kept-results.ts";
import { surroundings } from "./search-run.ts";

/** `_eql`. */
export const eqlRoutes: readonly Route[] = [
  ...routesOf("eql.search", "required", ["GET,POST /{index}/_eql/search"], search),
  ...routesOf("eql.get", "none", ["GET /_eql/search/{id}"], get),
  ...routesOf("eql.get_status", "none", ["GET /_eql/search/status/{id}"], status),
  ...routesOf("eql.delete", "none", ["DELETE /_eql/search/{id}"], remove),
];

/** A result that was asked to be kept. */
class KeptEql implements KeptResult {
  /** Text of what stands behind the id. */
  readonly text: string;
  readonly cells: number;
  readonly owner: string | undefined;
  readonly expiresMs: number;

  constructor(text: string, cells: number, owner: string | undefined, expiresMs: number) {
    this.text = text;
    this.cells = cells;
    this.owner = owner;
    this.expiresMs = expiresMs;
  }
}

function search(request: EsRequest, cluster: Cluster): EsReply {
  const asked = readEqlRequest(request);
  const answer = runEql(request, cluster, asked);
  const [hits, count] = renderHits(cluster, answer, asked.fields);
  const took = Math.round(performance.now() - request.startedMs);
  const text = `"is_partial":false,"is_running":false,"took":${took},"timed_out":false,"hits":${hits}}`;
  if (!asked.isKept) return jsonTextReply(`{${text}`);
  const expiresMs = cluster.entropy.nowMs() + asked.keepMs;
  const result = new KeptEql(text, count, cluster.access?.owner, expiresMs);
  return withId(keep(cluster, result), result);
}

function withId(id: string, { text }: KeptEql): EsReply {
  return jsonTextReply(`{"id":${JSON.stringify(id)},${text}`);
}

/** @returns the text of `hits`, and how many events are in it */
function renderHits(
  cluster: Cluster,
  { found, scope }: EqlAnswer,
  fields: unknown,
): readonly [text: string, count: number] {
  const renderers = new Map(
    scope.shards.map((shard) => {
      const context = contextOf(shard, surroundings(cluster), 0);
      return [
        shard,
        { fetch: compileFetchFields(fields, context), kept: keptSource(shard.mappings) },
      ];
    }),
  );
  let count = 0;
  const event = (found: EqlEvent | undefined): string => {
    count++;
    if (found === undefined) return '{"_index":"","_id":"","_source":{},"missing":true}';
    const { document, shard } = found;
    const { fetch, kept } = renderers.get(shard) ?? {};
    const source = kept?.(document.source);
    if (source === undefined) throw notSupported("EQL over an index without [_source]");
    const values = Object.entries(fetch?.(document).fields ?? {});
    const shown = values.filter(([, list]) => list.length > 0);
    const more = shown.length === 0 ? "" : `,"fields":${jsonText(Object.fromEntries(shown))}`;
    return `{"_index":${JSON.stringify(document.index)},"_id":${JSON.stringify(document.id)},"_source":${sourceText(source)}${more}}`;
  };
  const total = (value: number): string => `"total":{"value":${value},"relation":"eq"}`;
  if (found.kind === "events") {
    const list = found.events.map(event).join(",");
    return [`{${total(found.events.length)},"events":[${list}]}`, count];
  }
  const list = found.sequences.map(({ keys, events }) => {
    const joined = keys.length === 0 ? "" : `"join_keys":${jsonText(keys)},`;
    return `{${joined}"events":[${events.map(event).join(",")}]}`;
  });
  return [`{${total(list.length)},"sequences":[${list.join(",")}]}`, count];
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const keepMs = keepAliveOf(request);
  const [id, found] = namedResult(request, cluster, KeptEql);
  if (keepMs === undefined) return withId(id, found);
  const { text, cells, owner } = found;
  const longer = new KeptEql(text, cells, owner, cluster.entropy.nowMs() + keepMs);
  cluster.objects.keptResults.set(id, longer);
  return withId(id, longer);
}

function status(request: EsRequest, cluster: Cluster): EsReply {
  return endedStatus(...namedResult(request, cluster, KeptEql));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  return forget(cluster, namedResult(request, cluster, KeptEql)[0]);
}
