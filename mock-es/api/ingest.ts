/** Ingest pipelines: stored, shown, and tried out. */
import { isDeepStrictEqual } from "node:util";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { IngestDocument } from "../ingest/ingest-document.ts";
import { compilePipeline, type Pipeline, runAs } from "../ingest/pipeline.ts";
import { documentShown, Simulation, simulations } from "../ingest/simulation.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { pipelineSurroundings } from "../store/ingest.ts";
import type { StoredPipeline } from "../store/stored-objects.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { Settings } from "../ingest/processor-settings.ts";
import { asReadByJava } from "../json/odd-numbers.ts";

/** `_ingest`. */
export const ingestRoutes: readonly Route[] = [
  ...routesOf("ingest.put_pipeline", "required", ["PUT /_ingest/pipeline/{id}"], put),
  ...routesOf(
    "ingest.get_pipeline",
    "none",
    ["GET /_ingest/pipeline", "GET /_ingest/pipeline/{id}"],
    get,
  ),
  ...routesOf("ingest.delete_pipeline", "none", ["DELETE /_ingest/pipeline/{id}"], remove),
  ...routesOf(
    "ingest.simulate",
    "required",
    ["GET,POST /_ingest/pipeline/_simulate", "GET,POST /_ingest/pipeline/{id}/_simulate"],
    simulate,
  ),
];

const managedNames: ReadonlySet<string> = new Set(
  "created_date created_date_millis modified_date modified_date_millis".split(" "),
);

function put(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["id"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  const managed = Object.keys(body).find((name) => managedNames.has(name));
  if (managed !== undefined) {
    const reason = `Provided a pipeline property which is managed by the system: ${managed}.`;
    throw new EsError(400, "parse_exception", reason);
  }
  compilePipeline(body, pipelineSurroundings(cluster), id);
  const expected = request.query.integer("if_version");
  const stored = cluster.objects.pipelines.get(id);
  const earlier = stored?.definition;
  const version = earlier?.["version"];
  if (expected !== undefined && expected !== version) {
    throw illegalArgument(
      earlier === undefined
        ? `version conflict, required version [${expected}] for pipeline [${id}] but no pipeline was found`
        : `version conflict, required version [${expected}] for pipeline [${id}] but current version is [${textOf(version ?? null)}]`,
    );
  }
  if (expected !== undefined && body["version"] === expected)
    throw illegalArgument(`cannot update pipeline [${id}] with the same version [${expected}]`);
  const next =
    expected === undefined || body["version"] !== undefined ? {} : { version: expected + 1 };
  const definition = { ...(asReadByJava(body) as JsonObject), ...next };
  // A pipeline that stays as it is was not modified.
  if (earlier !== undefined && isDeepStrictEqual(earlier, definition))
    return jsonReply({ acknowledged: true });
  const modifiedMs = cluster.entropy.nowMs();
  const createdMs = stored?.createdMs ?? modifiedMs;
  cluster.objects.pipelines.set(id, { definition, createdMs, modifiedMs });
  return jsonReply({ acknowledged: true });
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { pipelines } = cluster.objects;
  const given = request.pathParameters["id"] ?? "*";
  const found = matching(pipelines, given);
  if (found.length === 0 && !given.includes("*")) return jsonReply({}, 404);
  const isSummary = request.query.flag("summary", false);
  const shown = found.map((name): [string, unknown] => {
    const pipeline = pipelines.get(name);
    if (pipeline === undefined) return [name, undefined];
    if (isSummary) return [name, { description: pipeline.definition["description"] }];
    return [name, shownPipeline(pipeline)];
  });
  return jsonReply(Object.fromEntries(shown));
}

/** A pipeline with the times of its first and its last change. */
function shownPipeline({ definition, createdMs, modifiedMs }: StoredPipeline): JsonObject {
  return { ...definition, created_date_millis: createdMs, modified_date_millis: modifiedMs };
}

function matching(pipelines: ReadonlyMap<string, unknown>, given: string): string[] {
  const patterns = given.split(",").map(simplePattern);
  return [...pipelines.keys()]
    .filter((name) => patterns.some((pattern) => pattern.test(name)))
    .sort();
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const { pipelines } = cluster.objects;
  const given = request.pathParameters["id"] ?? "";
  const found = matching(pipelines, given);
  if (found.length === 0 && given !== "*")
    throw new EsError(404, "resource_not_found_exception", `pipeline [${given}] is missing`);
  for (const name of found) pipelines.delete(name);
  return jsonReply({ acknowledged: true });
}

function simulate(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const isVerbose = request.query.flag("verbose", false);
  const name = request.pathParameters["id"] ?? "_simulate_pipeline";
  const settings = new Settings(undefined, body);
  const pipeline = compilePipeline(
    definitionOf(request, cluster, settings),
    pipelineSurroundings(cluster),
    name,
  );
  settings.required("docs");
  const docs = settings.entries("docs") ?? [];
  if (docs.length === 0) throw illegalArgument("must specify at least one document in [docs]");
  const nowMs = cluster.entropy.nowMs();
  const documents = docs.map((entry) => {
    if (!isObject(entry))
      throw illegalArgument("malformed [docs] section, should include an inner object");
    const given = new Settings(undefined, entry);
    const source = given.requiredObject("_source");
    const target = {
      index: given.textOrInt("_index", "_index"),
      id: given.textOrInt("_id", "_id"),
      routing: given.textOrInt("_routing", undefined),
    };
    for (const name of ["_version", "_version_type", "_if_seq_no", "_if_primary_term"])
      if (Object.hasOwn(entry, name)) throw notSupported(`[${name}] of a simulated document`);
    return new IngestDocument(target, source, nowMs);
  });
  const results = documents.map((document) => {
    if (isVerbose) return { processor_results: steps(document, name, pipeline) };
    try {
      runAs(name, document, pipeline);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      return { error: error.toBody().error };
    }
    const _ingest = { timestamp: new Date(nowMs).toISOString() };
    return document.isDropped ? null : { doc: { ...documentShown(document), _ingest } };
  });
  return jsonReply({ docs: results });
}

function definitionOf(request: EsRequest, cluster: Cluster, settings: Settings): JsonObject {
  const id = request.pathParameters["id"];
  if (id === undefined) return asReadByJava(settings.requiredObject("pipeline")) as JsonObject;
  const stored = cluster.objects.pipelines.get(id);
  if (stored === undefined) throw illegalArgument(`pipeline [${id}] does not exist`);
  return stored.definition;
}

/**
 * What is told of each processor.
 *
 * @throws {EsError} for what is no failure of a processor
 */
function steps(document: IngestDocument, name: string, pipeline: Pipeline): readonly JsonObject[] {
  const simulation = new Simulation();
  simulations.set(document, simulation);
  try {
    runAs(name, document, pipeline);
  } catch (error) {
    if (!(error instanceof EsError) || simulation.results.at(-1)?.["status"] !== "error")
      throw error;
  }
  return simulation.results;
}
