/** Documents on their way through the pipelines of a cluster. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { IngestDocument, type IngestTarget } from "../ingest/ingest-document.ts";
import { type PipelineSurroundings, runNamed } from "../ingest/pipeline.ts";
import { parseJson } from "../json/json-body.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { isObject, jsonText } from "../json/json-value.ts";
import type { Cluster } from "./cluster.ts";
import type { IndexState } from "./index-state.ts";

/** A document that went through its pipelines. */
export interface Ingested extends IngestTarget {
  /** The source as JSON text. */
  readonly text: string;
  readonly isDropped: boolean;
  /** Names of the pipelines that ran. */
  readonly pipelines: readonly string[];
}

/** What pipelines may ask of a cluster. */
export function pipelineSurroundings({ objects }: Cluster): PipelineSurroundings {
  return {
    findScript: (id) => objects.scripts.get(id)?.source,
    findPipeline: (name) => objects.pipelines.get(name)?.definition,
    findEnrichLookup: (policy) => objects.enrichPolicies.get(policy)?.copy,
  };
}

const none = "_none";

/** An index, or one that could be made. */
type WithSettings = Pick<IndexState, "settings">;

/**
 * Runs the pipelines of a write: the one that it names or the index's default, and then the final
 * one of the index. `undefined` when there is none to run.
 *
 * @param index where the document would go; `undefined` for one that is not there yet
 * @param open the index of a name that `reroute` gives, which is made when it is missing
 * @throws {EsError} 400 for a pipeline that does not exist, and whatever a processor throws
 */
export function ingest(
  cluster: Cluster,
  index: WithSettings | undefined,
  asked: string | undefined,
  target: IngestTarget,
  text: string,
  open: (name: string) => WithSettings,
  around: PipelineSurroundings = pipelineSurroundings(cluster),
): Ingested | undefined {
  const first = asked ?? settingOf(index, "index.default_pipeline");
  const last = settingOf(index, "index.final_pipeline");
  if (first === none && last === none) return undefined;
  parseJson(text);
  const source = parseSourceText(text);
  if (!isObject(source)) throw illegalArgument("a document that is no object");
  const document = new IngestDocument(target, source, cluster.entropy.nowMs());
  const pipelines: string[] = [];
  const run = (name: string): void => {
    if (name === none || document.isDropped) return;
    runNamed(name, document, around);
    pipelines.push(name);
  };
  run(first);
  let final = last;
  const seen = new Set([target.index]);
  while (document.isRerouted && !document.isDropped) {
    const { index: name } = document.target();
    if (seen.has(name)) throw notSupported(`[reroute] back to the index [${name}]`);
    seen.add(name);
    document.isRerouted = false;
    const next = open(name);
    final = settingOf(next, "index.final_pipeline");
    run(settingOf(next, "index.default_pipeline"));
  }
  run(final);
  if (document.isRerouted) throw notSupported("[reroute] in a final pipeline");
  const { isDropped } = document;
  return { ...document.target(), text: jsonText(document.source()), isDropped, pipelines };
}

/** True for a write that some pipeline is to see. */
export function hasPipelines(index: WithSettings, asked: string | undefined): boolean {
  const first = asked ?? settingOf(index, "index.default_pipeline");
  return first !== none || settingOf(index, "index.final_pipeline") !== none;
}

/**
 * A document of an update as its pipelines leave it.
 *
 * @throws {EsError} as {@link ingest}, and 400 by name where it is dropped, or goes elsewhere
 */
export function ingestedText(
  cluster: Cluster,
  index: IndexState,
  asked: string | undefined,
  target: IngestTarget,
  text: string,
): string {
  const done = ingest(cluster, index, asked, target, text, () => {
    throw notSupported("[reroute] of an update");
  });
  if (done === undefined) return text;
  if (done.isDropped) throw notSupported("[drop] of an update");
  if (done.index !== target.index || done.id !== target.id || done.routing !== target.routing)
    throw notSupported("a pipeline that sends an update elsewhere");
  return done.text;
}

function settingOf(index: WithSettings | undefined, name: string): string {
  return index?.settings.text(name) ?? none;
}

/** A write on its way to its index. */
export interface PendingWrite {
  readonly index: IndexState;
  readonly id: string | undefined;
  readonly routing: string | undefined;
  readonly text: string;
  readonly pipelines: readonly string[];
}

/**
 * Finds the index of a write, after its pipelines have run.
 *
 * @param open the index of a name, which is made when it is missing
 * @throws {EsError} as {@link ingest}, and whatever `open` throws
 */
export function pendingWrite(
  cluster: Cluster,
  target: IngestTarget,
  text: string,
  asked: string | undefined,
  open: (name: string) => IndexState,
): PendingWrite | "dropped" {
  const known = cluster.indices.get(target.index);
  // The settings of an index that is missing, or has another name, are known when it is open.
  const index = asked === undefined ? open(target.index) : known;
  const isOpen = asked === undefined && index !== undefined;
  const done = ingest(cluster, index, asked, target, text, open);
  if (done === undefined) {
    const { id, routing } = target;
    return { index: isOpen ? index : open(target.index), id, routing, text, pipelines };
  }
  if (done.isDropped) return "dropped";
  return { ...done, index: isOpen && done.index === target.index ? index : open(done.index) };
}

/** Of a write without any. */
const pipelines: readonly string[] = [];
