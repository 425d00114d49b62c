/** The processors of ingest pipelines, by name. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { readScript } from "../script/script.ts";
import { enrich } from "./enrich-processor.ts";
import {
  append,
  convert,
  date,
  dotExpander,
  join,
  json,
  remove,
  rename,
  set,
  sort,
} from "./field-processors.ts";
import {
  type Maker,
  type Processor,
  type ProcessorSurroundings,
  Settings,
  textMaker,
} from "./processor-settings.ts";
import { runBare } from "./run-script.ts";
import { dissect, grok, gsub, kv, split } from "./text-processors.ts";

const script: Maker = (settings, { findScript }) => {
  const given = {
    source: settings.value("source"),
    id: settings.value("id"),
    lang: settings.value("lang"),
    params: settings.value("params"),
  };
  const wanted = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const compiled = readScript(wanted, findScript);
  return (document) => {
    runBare(compiled, document);
  };
};

const drop: Maker = () => (document) => {
  document.isDropped = true;
};

const fail: Maker = (settings) => {
  const message = settings.text("message");
  return (document) => {
    throw new EsError(400, "fail_processor_exception", document.fill(message));
  };
};

const foreach: Maker = (settings, { compile }) => {
  const field = settings.text("field");
  const inner = compile(settings.value("processor"));
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const list = document.require(field);
    if (!Array.isArray(list)) throw notSupported("[foreach] over other than a list");
    const changed = list.map((item: unknown) => {
      document.ingest.set("_value", item);
      inner(document);
      return document.ingest.get("_value");
    });
    document.ingest.delete("_value");
    document.set(field, changed);
  };
};

const pipeline: Maker = (settings, { runPipeline }) => {
  const name = settings.text("name");
  if (settings.flag("ignore_missing_pipeline"))
    throw notSupported("[ignore_missing_pipeline] of the processor [pipeline]");
  return (document) => {
    runPipeline(document.fill(name), document);
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
  convert,
  date,
  dissect,
  dot_expander: dotExpander,
  drop,
  enrich,
  fail,
  foreach,
  grok,
  gsub,
  join,
  json,
  kv,
  lowercase: textMaker((text) => text.toLowerCase()),
  pipeline,
  remove,
  rename,
  script,
  set,
  sort,
  split,
  trim: textMaker((text) => text.trim()),
  uppercase: textMaker((text) => text.toUpperCase()),
  urldecode: textMaker(urlDecoded),
};

/** Processors of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: ReadonlySet<string> = new Set(
  "attachment bytes circle community_id csv date_index_name fingerprint geo_grid geoip html_strip inference ip_location network_direction normalize_for_stream redact registered_domain reroute set_security_user terminate uri_parts user_agent".split(
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
): Processor {
  const maker = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (maker === undefined) {
    if (notComputed.has(type)) throw notSupported(`the processor [${type}]`);
    throw new EsError(400, "parse_exception", `No processor type exists with name [${type}]`, {
      processor_type: type,
    });
  }
  const settings = new Settings(type, given);
  const processor = maker(settings, around);
  settings.finish();
  return processor;
}
