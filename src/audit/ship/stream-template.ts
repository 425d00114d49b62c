/** The index template that a cluster needs before a trail is shipped to it. */
import { recordDefinitions } from "../../kql/record-fields.ts";
import type { FieldDefinition } from "../../kql/field-table.ts";

/** What is set up. */
export interface StreamOptions {
  readonly dataStream: string;
  /**
   * How long documents are kept, such as `365d`; `undefined`: for ever. Never left to the defaults
   * of a cluster, which may be days.
   */
  readonly retention: string | undefined;
  /** Copies of each shard. */
  readonly replicas: number;
  /** How stored documents are compressed; `default` costs less time and more room. */
  readonly codec: "best_compression" | "default";
  /**
   * Texts that are searched with wildcards have the type that is made for it, which belongs to
   * x-pack. Keywords find the same, slower, and what is longer than 8,191 characters not at all.
   *
   * @default true
   */
  readonly hasWildcard?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** Above Elastic's own `logs-*-*` (100). */
const priority = 500;
/** Longer values are kept, and not searched. UTF-16 units. */
const ignoreAbove = 8191;

/**
 * Fields of a document beside those of records. What has a name of its own in every document, or is
 * only looked at, is kept and not indexed.
 */
const ownFields: Readonly<Record<string, Json>> = {
  // A data stream allows nothing else here.
  "@timestamp": { type: "date" },
  "event.original": { type: "keyword", index: false, doc_values: false },
  "es_proxy.log.host": { type: "keyword" },
  "es_proxy.log.origin": { type: "keyword" },
  "es_proxy.log.whole": { type: "boolean" },
  "es_proxy.log.records": { type: "object", enabled: false },
};

/** Members of facts that are lists of objects, or names that the world chooses. */
const keptFacts = [
  "actions",
  "lookups",
  "errors",
  "shards",
  "values",
  "columns",
  "by_query",
].concat(["watched_documents", "read"]);

/** Name of the index template. */
export function templateName(dataStream: string): string {
  return `es-proxy-${dataStream}`;
}

/** The body of `PUT _index_template/{name}`. */
export function streamTemplate(options: StreamOptions): Json {
  const { dataStream, retention, replicas, codec, hasWildcard = true } = options;
  return {
    index_patterns: [dataStream],
    priority,
    data_stream: {},
    _meta: { description: "Audit trail of es-proxy", managed_by: "es-proxy audit setup" },
    template: {
      settings: {
        index: {
          codec,
          number_of_replicas: replicas,
          // Values come back as they were sent: a rebuilt source may sort lists and drop doubles.
          mode: "standard",
          mapping: { total_fields: { limit: 2000 } },
        },
      },
      mappings: {
        dynamic: false,
        properties: propertiesOf({ ...mappedRecords(hasWildcard), ...keptMembers(), ...ownFields }),
      },
      lifecycle: retention === undefined ? {} : { data_retention: retention },
    },
  };
}

function mappedRecords(hasWildcard: boolean): Record<string, Json> {
  const mapped: Record<string, Json> = {};
  for (const [name, definition] of Object.entries(recordDefinitions))
    mapped[name] = mappingOf(
      definition.type === "wildcard" && !hasWildcard
        ? { ...definition, type: "keyword" }
        : definition,
    );
  return mapped;
}

function keptMembers(): Record<string, Json> {
  return Object.fromEntries(
    keptFacts.map((name) => [`es_proxy.facts.${name}`, { type: "object", enabled: false }]),
  );
}

function mappingOf({ type, hasText }: FieldDefinition): Json {
  const mapping: Record<string, unknown> = { type };
  if (type === "keyword" || type === "wildcard" || type === "flattened")
    mapping["ignore_above"] = ignoreAbove;
  // A client names itself in whatever form it likes; the document is worth more than the field.
  if (type === "ip" || type === "date" || type === "long") mapping["ignore_malformed"] = true;
  if (hasText === true) mapping["fields"] = { text: { type: "text" } };
  return mapping;
}

/** Dotted names as nested properties. */
function propertiesOf(fields: Readonly<Record<string, Json>>): Json {
  const root: Record<string, Json> = {};
  for (const [name, mapping] of Object.entries(fields)) {
    const path = name.split(".");
    const last = path.pop() ?? "";
    let level: Record<string, Json> = root;
    for (const part of path) {
      const known = level[part] as { properties?: Record<string, Json> } | undefined;
      const properties = known?.properties ?? {};
      if (known?.properties === undefined) level[part] = { ...known, properties };
      level = properties;
    }
    level[last] = mapping;
  }
  return root;
}
