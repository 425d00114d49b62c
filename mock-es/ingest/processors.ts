/** The processors of ingest pipelines, by name. */
import { createCharFilter } from "../analysis/char-filters.ts";
import { noSettings } from "../analysis/settings.ts";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { readScript } from "../script/script.ts";
import { parseByteSize } from "../values/byte-size.ts";
import { communityId } from "./community-id.ts";
import { csv } from "./csv.ts";
import { dateIndexName } from "./date-index-name.ts";
import { enrich } from "./enrich-processor.ts";
import {
  append,
  convert,
  date,
  dotExpander,
  join,
  remove,
  rename,
  set,
  sort,
} from "./field-processors.ts";
import { json } from "./json-processor.ts";
import { fingerprint } from "./fingerprint.ts";
import { withoutDatabase } from "./geoip.ts";
import { networkDirection } from "./network-direction.ts";
import {
  type Maker,
  type Processor,
  type ProcessorSurroundings,
  Settings,
  textMaker,
} from "./processor-settings.ts";
import { reroute } from "./reroute.ts";
import { runBare } from "./run-script.ts";
import { dissect, grok, gsub, kv, split } from "./text-processors.ts";
import { uriParts } from "./uri-parts.ts";

const script: Maker = (settings, { findScript }) => {
  const compiled = readScript(
    settings.members(["source", "id", "lang", "params", "options"]),
    findScript,
  );
  return (document) => {
    runBare(compiled, document);
  };
};

const drop: Maker = () => (document) => {
  document.isDropped = true;
};

/** No processor of the pipeline behind it is run. */
const terminate: Maker = () => (document) => {
  document.isStopped = true;
};

const htmlStrip = createCharFilter("html_strip", noSettings);

const fail: Maker = (settings) => {
  const message = settings.text("message");
  return (document) => {
    throw new EsError(400, "fail_processor_exception", document.fill(message));
  };
};

const foreach: Maker = (settings, { compile }) => {
  const field = settings.text("field");
  if (field === "") throw illegalArgument("path cannot be null nor empty");
  const definition = settings.requiredObject("processor");
  if (Object.keys(definition).length !== 1)
    throw settings.problem("processor", "Must specify exactly one processor type");
  const inner = compile(definition);
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const list = document.require(field);
    if (list instanceof Map) {
      const changed = new Map<unknown, unknown>();
      for (const [key, item] of list) {
        document.ingest.set("_key", key);
        document.ingest.set("_value", item);
        inner(document);
        changed.set(document.ingest.get("_key"), document.ingest.get("_value"));
      }
      for (const name of ["_key", "_value"]) document.ingest.set(name, null);
      document.set(field, changed);
      return;
    }
    if (!Array.isArray(list)) throw notSupported("[foreach] over other than a list or an object");
    const changed = list.map((item: unknown) => {
      document.ingest.set("_value", item);
      inner(document);
      return document.ingest.get("_value");
    });
    document.ingest.set("_value", null);
    document.set(field, changed);
  };
};

const pipeline: Maker = (settings, { runPipeline }) => {
  const name = settings.text("name");
  const ignoresMissing = settings.flag("ignore_missing_pipeline");
  return (document) => {
    runPipeline(document.fill(name), document, ignoresMissing);
  };
};

/** `java.net.URLDecoder`. @throws {EsError} for a `%` without two hexadecimal digits behind it */
function urlDecoded(text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2})(.{0,2})/.exec(text);
  if (bad !== null) {
    const [, digits = ""] = bad;
    const reason =
      digits.length < 2
        ? "URLDecoder: Incomplete trailing escape (%) pattern"
        : `URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 0 in: "${digits}"`;
    throw illegalArgument(reason);
  }
  return text
    .replaceAll("+", " ")
    .replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) =>
      Buffer.from(escaped.replaceAll("%", ""), "hex").toString("utf8"),
    );
}

const makers: Readonly<Record<string, Maker>> = {
  append,
  bytes: textMaker((text) => parseByteSize(text, "Ingest Field")),
  community_id: communityId,
  convert,
  csv,
  date,
  date_index_name: dateIndexName,
  dissect,
  dot_expander: dotExpander,
  drop,
  enrich,
  fail,
  fingerprint,
  foreach,
  geoip: withoutDatabase("geoip"),
  grok,
  gsub,
  html_strip: textMaker((text) => htmlStrip?.(text).text ?? text),
  ip_location: withoutDatabase("ip_location"),
  join,
  json,
  kv,
  lowercase: textMaker((text) => text.toLowerCase()),
  network_direction: networkDirection,
  pipeline,
  remove,
  rename,
  reroute,
  script,
  set,
  sort,
  split,
  terminate,
  trim: textMaker((text) => text.trim()),
  uppercase: textMaker((text) => text.toUpperCase()),
  uri_parts: uriParts,
  urldecode: textMaker(urlDecoded),
};

/** Processors of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: ReadonlySet<string> = new Set(
  "attachment circle geo_grid inference normalize_for_stream redact registered_domain set_security_user user_agent".split(
    " ",
  ),
);

/**
 * Makes a processor.
 *
 * @throws {EsError} 400 in the server's words, or for a processor that is not there
 */
export function makeProcessor(
  type: string,
  given: JsonObject,
  around: ProcessorSurroundings,
  tag?: string,
): Processor {
  const maker = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (maker === undefined) {
    if (notComputed.has(type)) throw notSupported(`the processor [${type}]`);
    throw new EsError(400, "parse_exception", `No processor type exists with name [${type}]`, {
      processor_type: type,
    });
  }
  const settings = new Settings(type, given, tag);
  const processor = maker(settings, around);
  settings.finish(`processor [${type}]`);
  return processor;
}
