/** `_ingest/_simulate`: what pipelines and mappings would make of documents, without a write. */
import {
  EsError,
  illegalArgument,
  isRefusal,
  notSupported,
  validationFailed,
} from "../es-error.ts";
import { compilePipeline, type PipelineSurroundings } from "../ingest/pipeline.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkTimestamp, timestampMapping } from "../store/data-streams.ts";
import { mapDocument } from "../store/document-mapping.ts";
import { settingsOfLayers } from "../store/index-builder.ts";
import type { IndexSettings } from "../store/index-settings.ts";
import { ingest, pipelineSurroundings } from "../store/ingest.ts";
import { javaClass } from "../store/java-class.ts";
import type { Mappings } from "../store/mappings.ts";

/** `_ingest/_simulate`. */
export const simulateIngestRoutes: readonly Route[] = routesOf(
  "simulate.ingest",
  "optional",
  ["GET,POST /_ingest/_simulate", "GET,POST /_ingest/{index}/_simulate"],
  simulate,
);

/** A document that is tried out. */
interface GivenDocument {
  readonly index: string;
  readonly id: string | undefined;
  readonly routing: string | undefined;
  readonly source: JsonObject;
}

/** What a document would meet at an index, which need not be there. */
interface Destination {
  readonly settings: IndexSettings;
  /** `undefined`: nothing is known of the index, so that no mapping is asked. */
  readonly mappings: Mappings | undefined;
  readonly isStream: boolean;
}

function simulate(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body);
  if (body === undefined)
    throw new EsError(400, "parse_exception", "request body or source parameter is required");
  const documents = readDocuments(request, body);
  cluster.beginAction();
  cluster.access?.check([...new Set(documents.map(({ index }) => index))]);
  const mergeType = request.query.text("merge_type");
  if (mergeType !== undefined && !["index", "template"].includes(mergeType))
    throw illegalArgument(
      `Unsupported merge type '${mergeType}'. Valid values are 'index' and 'template'.`,
    );
  for (const name of ["component_template_substitutions", "index_template_substitutions"])
    if (isObject(body[name]) && Object.keys(body[name]).length > 0) throw notSupported(`[${name}]`);
  const around = substituted(pipelineSurroundings(cluster), body["pipeline_substitutions"]);
  const asked = request.query.text("pipeline");
  const shown = documents.map((document) => ({
    doc: tryOut(cluster, document, { around, asked, addition: body["mapping_addition"] }),
  }));
  return jsonReply({ docs: shown });
}

/** @throws {EsError} 400 in the words of the server's parser */
function readDocuments(request: EsRequest, body: JsonObject): GivenDocument[] {
  const docs = required(body, "docs");
  if (!Array.isArray(docs)) throw propertyIsNo("docs", "list", docs);
  if (docs.length === 0) throw illegalArgument("must specify at least one document in [docs]");
  const documents = (docs as readonly unknown[]).map((entry) => {
    if (!isObject(entry)) throw notSupported("a document that is no object");
    const text = (name: string): string | undefined =>
      entry[name] === undefined ? undefined : textOf(entry[name]);
    const source = required(entry, "_source");
    if (!isObject(source)) throw propertyIsNo("_source", "map", source);
    return {
      index: text("_index") ?? request.pathParameters["index"] ?? "",
      id: text("_id"),
      routing: text("_routing"),
      source,
    };
  });
  const missing = documents.filter(({ index }) => index === "").map(() => "index is missing");
  if (missing.length > 0) throw validationFailed(...missing);
  return documents;
}

function required(body: JsonObject, name: string): unknown {
  if (body[name] !== undefined) return body[name];
  throw new EsError(400, "parse_exception", `[${name}] required property is missing`, {
    property_name: name,
  });
}

function propertyIsNo(name: string, kind: string, value: unknown): EsError {
  if (typeof value === "object") throw notSupported(`[${name}] of another type`);
  const reason = `[${name}] property isn't a ${kind}, but of type [java.lang.${javaClass(value)}]`;
  return new EsError(400, "parse_exception", reason, { property_name: name });
}

/**
 * Pipelines of the request stand in front of those of the cluster.
 *
 * @throws {EsError} for one of them that cannot be made, though nothing uses it
 */
function substituted(around: PipelineSurroundings, given: unknown): PipelineSurroundings {
  if (!isObject(given)) return around;
  const known: PipelineSurroundings = {
    ...around,
    findPipeline: (name) => {
      const own = given[name];
      return isObject(own) ? own : around.findPipeline(name);
    },
  };
  for (const [name, definition] of Object.entries(given))
    if (isObject(definition)) compilePipeline(definition, known, name);
  return known;
}

interface Attempt {
  readonly around: PipelineSurroundings;
  /** Name of the pipeline that the request asks for. */
  readonly asked: string | undefined;
  readonly addition: unknown;
}

function tryOut(cluster: Cluster, document: GivenDocument, attempt: Attempt): JsonObject {
  const { index, id, routing, source } = document;
  const shownId = id ?? "<n/a>";
  const { around, asked, addition } = attempt;
  const open = (name: string): Destination => destinationOf(cluster, name, addition);
  const target = { index, id, routing };
  let done: ReturnType<typeof ingest>;
  try {
    done = ingest(cluster, open(index), asked, target, jsonText(source), open, around);
  } catch (error) {
    return { _id: shownId, _index: index, error: causeOf(error) };
  }
  if (done?.isDropped === true) throw notSupported("a simulation of a document that is dropped");
  const { text = jsonText(source), pipelines = [] } = done ?? {};
  const name = done?.index ?? index;
  return {
    _id: done?.id ?? shownId,
    _index: name,
    _version: -3,
    _source: parseSourceText(text),
    executed_pipelines: pipelines,
    ...mapped(open(name), done?.id ?? id, text),
  };
}

/** What the mapping says of a document, without what it would add. */
function mapped(destination: Destination, id: string | undefined, text: string): JsonObject {
  const { mappings, isStream } = destination;
  if (mappings === undefined) return { effective_mapping: {} };
  const shown = mappings.render();
  const effective = { effective_mapping: Object.keys(shown).length === 0 ? {} : { _doc: shown } };
  const source = parseSourceText(text);
  if (!isObject(source)) throw new Error("a pipeline made no object");
  try {
    if (id === undefined) throw withoutId();
    if (isStream) checkTimestamp(text, source["@timestamp"]);
    const ignored = mapDocument(mappings, { id, text, source, write: 0 });
    if (ignored === undefined) return effective;
    return { ignored_fields: ignored.map((field) => ({ field })), ...effective };
  } catch (error) {
    return { error: causeOf(error), ...effective };
  }
}

function withoutId(): EsError {
  const reason = "_id should have been set on the coordinating node";
  return new EsError(400, "document_parsing_exception", `[1:2] failed to parse: ${reason}`, {
    caused_by: { type: "illegal_state_exception", reason },
  });
}

/** @throws what is no failure of the document */
function causeOf(error: unknown): JsonObject {
  if (error instanceof EsError && !isRefusal(error)) return { ...error.toCause() };
  throw error;
}

/** The index of a name as it is, or as it would be made. */
function destinationOf(cluster: Cluster, name: string, addition: unknown): Destination {
  const known = cluster.indices.get(name) ?? cluster.dataStreams.get(name)?.backing.at(-1);
  const { builder, templates } = cluster;
  const more = isObject(addition) ? [{ mappings: addition }] : [];
  if (known !== undefined) {
    const own = { settings: Object.fromEntries(known.settings.entries()) };
    const mappings = builder.mappingsOfLayers([
      own,
      { mappings: known.mappings.render() },
      ...more,
    ]);
    return { settings: known.settings, mappings, isStream: known.dataStream !== undefined };
  }
  const isStream = templates.winnerFor(name)?.template.data_stream !== undefined;
  const layers = [
    ...(isStream ? [{ mappings: timestampMapping }] : []),
    ...templates.layersFor(name),
  ];
  const settings = settingsOfLayers(layers);
  if (layers.length + more.length === 0) return { settings, mappings: undefined, isStream };
  return { settings, mappings: builder.mappingsOfLayers([...layers, ...more]), isStream };
}
