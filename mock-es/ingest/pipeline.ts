/** Ingest pipelines: processors one after the other, with what is done when one fails. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { readScript } from "../script/script.ts";
import type { IngestDocument } from "./ingest-document.ts";
import {
  type EnrichLookup,
  type Processor,
  type ProcessorSurroundings,
  Settings,
} from "./processor-settings.ts";
import { makeProcessor } from "./processors.ts";
import { runBare } from "./run-script.ts";
import { type Simulation, simulations, type StepName } from "./simulation.ts";

/** A pipeline, ready to run. */
export type Pipeline = (document: IngestDocument) => void;

/** What pipelines may ask of the cluster. */
export interface PipelineSurroundings {
  readonly findScript: (id: string) => string | undefined;
  /** The definition of a pipeline; `undefined` when there is none of that name. */
  readonly findPipeline: (name: string) => JsonObject | undefined;
  /** What a policy has copied; `undefined` when it is not there or was not executed. */
  readonly findEnrichLookup: (policy: string) => EnrichLookup | undefined;
}

/** Settings that every processor has. */
const common = ["if", "tag", "description", "ignore_failure", "on_failure"];

/**
 * Compiles a pipeline.
 *
 * @param name of the pipeline, which refusals tell
 *
 * @throws {EsError} 400 for what is no pipeline, or for a processor that is not there
 */
export function compilePipeline(
  definition: JsonObject,
  around: PipelineSurroundings,
  name: string,
): Pipeline {
  const settings = new Settings(undefined, definition);
  settings.textOr("description", undefined);
  settings.whole("version", 0);
  settings.object("_meta");
  settings.flag("deprecated");
  // When it was put, which only the server says.
  for (const time of ["created_date_millis", "modified_date_millis"]) settings.value(time);
  const access = settings.textOr("field_access_pattern", "classic");
  if (access === "flexible") throw notSupported("[field_access_pattern] [flexible]");
  if (access !== "classic") {
    const reason = `pipeline [${name}] doesn't support value of [${access}] for parameter [field_access_pattern]`;
    throw new EsError(400, "parse_exception", reason);
  }
  settings.required("processors");
  const processors = compileList(settings.entries("processors") ?? [], around);
  const onFailure = settings.entries("on_failure");
  const rescue = onFailure === undefined ? undefined : compileList(onFailure, around);
  settings.finish(`pipeline [${name}]`);
  if (onFailure?.length === 0)
    throw new EsError(
      400,
      "parse_exception",
      `pipeline [${name}] cannot have an empty on_failure option defined`,
    );
  return (document) => {
    withRescue(document, processors, rescue);
    document.isStopped = false;
  };
}

function compileList(list: readonly unknown[], around: PipelineSurroundings): Processor {
  return inOrder(list.map((entry) => compileEntry(entry, around)));
}

/** Compiles the processors of an entry, of which there is one as a rule. */
function compileEntry(entry: unknown, around: PipelineSurroundings): Processor {
  if (!isObject(entry)) throw notSupported(`[${textOf(entry)}] among [processors]`);
  const processors = Object.entries(entry).map(([type, given]) => {
    if (isObject(given)) return compileOne(type, given, around);
    if (type === "script" && typeof given === "string")
      return compileOne(type, { source: given }, around);
    throw new Settings(type, {}).unlike(undefined, "map", given);
  });
  return inOrder(processors);
}

/** Runs one after the other, until the document needs no more. */
function inOrder(processors: readonly Processor[]): Processor {
  return (document) => {
    for (const processor of processors) {
      if (document.isDropped || document.isStopped || document.isRerouted) return;
      processor(document);
    }
  };
}

function compileOne(type: string, settings: JsonObject, around: PipelineSurroundings): Processor {
  const shared = new Settings(undefined, settings);
  const tag = shared.textOr("tag", undefined);
  shared.textOr("description", undefined);
  const ignores = shared.flag("ignore_failure");
  const own = Object.fromEntries(Object.entries(settings).filter(([key]) => !common.includes(key)));
  const surroundings: ProcessorSurroundings = {
    findScript: around.findScript,
    findEnrichLookup: around.findEnrichLookup,
    runPipeline: (name, document, ignoresMissing) => {
      if (around.findPipeline(name) === undefined) {
        if (ignoresMissing) return;
        const reason = `Pipeline processor configured for non-existent pipeline [${name}]`;
        throw new EsError(500, "illegal_state_exception", reason);
      }
      runNamed(name, document, around);
    },
    compile: (definition) => compileEntry(definition, around),
  };
  const condition = conditionOf(settings["if"] ?? undefined, around);
  const onFailure = shared.entries("on_failure");
  const rescue = onFailure === undefined ? undefined : compileList(onFailure, around);
  if (onFailure?.length === 0)
    throw new Settings(type, {}, tag).problem("on_failure", "processors list cannot be empty");
  const processor = makeProcessor(type, own, surroundings, tag);
  const failing: Processor = (document) => {
    try {
      processor(document);
    } catch (error) {
      throw noted(error, document, type, tag);
    }
  };
  const run: Processor = (document) => {
    try {
      withRescue(document, failing, rescue);
    } catch (error) {
      if (!ignores || !(error instanceof EsError)) throw error;
    }
  };
  const name = { type, settings };
  return (document) => {
    const simulation = simulations.get(document);
    const holds = condition === undefined || condition(document);
    if (simulation === undefined) {
      if (holds) run(document);
    } else if (!holds) simulation.add(name, "skipped");
    else if (type === "pipeline") {
      checkCalled(document, own, around);
      simulatePipeline(document, simulation, name, run);
    } else if (ignores) simulated(document, simulation, name, failing, true);
    else withRescue(document, (one) => simulated(one, simulation, name, failing, false), rescue);
  };
}

/** Runs a processor and tells of it; processors within it are not told of. */
function simulated(
  document: IngestDocument,
  simulation: Simulation,
  name: StepName,
  run: Processor,
  ignores: boolean,
): void {
  simulations.delete(document);
  try {
    run(document);
    if (document.isDropped) simulation.add(name, "dropped");
    else simulation.add(name, "success", { shown: document });
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    if (ignores) simulation.add(name, "error_ignored", { error, shown: document });
    else {
      simulation.add(name, "error", { error });
      throw error;
    }
  } finally {
    simulations.set(document, simulation);
  }
}

/** A simulation ends at a pipeline that is not there, whatever handles failures. */
function checkCalled(
  document: IngestDocument,
  { name, ignore_missing_pipeline: ignoresMissing }: JsonObject,
  { findPipeline }: PipelineSurroundings,
): void {
  const called = document.fill(textOf(name ?? ""));
  if (findPipeline(called) !== undefined) return;
  if (ignoresMissing === true) throw notSupported("a missing pipeline in a verbose simulation");
  throw illegalArgument(`Pipeline processor configured for non-existent pipeline [${called}]`);
}

/** Tells of a processor `pipeline`, and then of those of the pipeline. */
function simulatePipeline(
  document: IngestDocument,
  simulation: Simulation,
  name: StepName,
  run: Processor,
): void {
  const before = simulation.results.length;
  simulation.add(name, "success");
  try {
    run(document);
  } catch (error) {
    if (error instanceof EsError && error.type === cycleType) {
      simulation.results.length = before;
      simulation.add(name, "error", { error });
    }
    throw error;
  }
}

/** Where an error came from, for the processors that handle it. */
interface Origin {
  readonly type: string;
  readonly tag: string | undefined;
  /** Name of the pipeline, where it was called by another. */
  readonly pipeline: string | undefined;
}

const origins = new WeakMap<EsError, Origin>();

function noted(
  error: unknown,
  document: IngestDocument,
  type: string,
  tag: string | undefined,
): unknown {
  if (!(error instanceof EsError) || origins.has(error)) return error;
  const running = [...document.running];
  origins.set(error, { type, tag, pipeline: running.length > 1 ? running.at(-1) : undefined });
  return error;
}

function conditionOf(
  given: unknown,
  { findScript }: PipelineSurroundings,
): ((document: IngestDocument) => boolean) | undefined {
  if (given === undefined) return undefined;
  const script = readScript(given, findScript);
  return (document) => runBare(script, document) === true;
}

/** Runs, and where that fails runs what is there for it, with the failure in `_ingest`. */
function withRescue(document: IngestDocument, run: Processor, rescue: Processor | undefined): void {
  try {
    run(document);
  } catch (error) {
    if (rescue === undefined || !(error instanceof EsError)) throw error;
    document.ingest.set("on_failure_message", error.reason);
    const failed = origins.get(error);
    document.ingest.set("on_failure_processor_type", failed?.type ?? null);
    document.ingest.set("on_failure_processor_tag", failed?.tag ?? null);
    if (failed?.pipeline !== undefined) document.ingest.set("on_failure_pipeline", failed.pipeline);
    rescue(document);
    for (const name of ["message", "processor_type", "processor_tag", "pipeline"])
      document.ingest.delete(`on_failure_${name}`);
  }
}

/** Type of the error of a pipeline that calls itself. */
const cycleType = "graph_structure_exception";

/**
 * Runs a pipeline by its name.
 *
 * @throws {EsError} 400 when there is none, or it calls itself, and whatever a processor throws
 */
export function runNamed(
  name: string,
  document: IngestDocument,
  around: PipelineSurroundings,
): void {
  const definition = around.findPipeline(name);
  if (definition === undefined) throw illegalArgument(`pipeline with id [${name}] does not exist`);
  if (document.running.has(name))
    throw new EsError(400, cycleType, `Cycle detected for pipeline: ${name}`);
  runAs(name, document, compilePipeline(definition, around, name));
}

/** Runs a pipeline under a name, which processors see as `_ingest.pipeline`. */
export function runAs(name: string, document: IngestDocument, pipeline: Pipeline): void {
  const { ingest, running } = document;
  const outer = ingest.get("pipeline");
  running.add(name);
  ingest.set("pipeline", name);
  try {
    pipeline(document);
  } finally {
    running.delete(name);
    if (outer === undefined) ingest.delete("pipeline");
    else ingest.set("pipeline", outer);
  }
}
