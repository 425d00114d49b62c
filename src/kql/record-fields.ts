/**
 * The fields of audit records with their mapping types. The ECS ones are those of the released
 * schema (elastic/ecs `generated/elasticsearch/composable/component`), the rest are ours.
 */
import { FieldTable, type FieldDefinition } from "./field-table.ts";

const keyword: FieldDefinition = { type: "keyword" };
const keywords: FieldDefinition = { type: "keyword", isList: true };
const long: FieldDefinition = { type: "long" };
const date: FieldDefinition = { type: "date" };
const boolean: FieldDefinition = { type: "boolean" };
const bytes: FieldDefinition = { type: "long", unit: "bytes" };
const duration: FieldDefinition = { type: "long", unit: "nanoseconds" };
/** An address as sockets report it. */
const socketAddress: FieldDefinition = { type: "ip", isCanonical: true };
/** Fields whose names come from the wire. */
const flattened: FieldDefinition = { type: "flattened" };
const searchedText: FieldDefinition = { type: "wildcard", hasText: true };
/** What is worked out of the bodies afterwards; no line holds it in the form that is compared. */
const fact = (definition: FieldDefinition): FieldDefinition => ({ ...definition, isDerived: true });

/**
 * Id of the first call of the read that a call is a part of. Readers work it out of the whole trail
 * when it is asked for; nothing that is stored holds it.
 */
export const readField = "es_proxy.facts.read.id";

const outcomes = [
  "completed",
  "client_aborted",
  "upstream_failed",
  "timed_out",
  "malformed",
  "rejected",
  "shutdown",
  "crash_recovered",
  "closed",
];

function addressGroup(group: string, address: FieldDefinition): Record<string, FieldDefinition> {
  return { [`${group}.ip`]: address, [`${group}.port`]: long, [`${group}.address`]: keyword };
}

function bodyFields(group: string): Record<string, FieldDefinition> {
  return {
    [`${group}.bytes`]: bytes,
    [`${group}.redaction`]: keyword,
    [`${group}.removed`]: long,
    [`${group}.sha256`]: keyword,
    [`${group}.hmac`]: keyword,
    [`${group}.pack`]: keyword,
    [`${group}.offset`]: long,
    [`${group}.stored_bytes`]: bytes,
    [`${group}.pointer`]: keyword,
    [`${group}.stored`]: boolean,
    [`${group}.complete`]: boolean,
  };
}

/** Every field of a record that is searched, by its full name. */
export const recordDefinitions: Readonly<Record<string, FieldDefinition>> = {
  "@timestamp": date,
  "ecs.version": keyword,
  "event.id": keyword,
  "event.kind": keyword,
  "event.dataset": keyword,
  "event.sequence": long,
  "event.action": keyword,
  "event.category": keywords,
  "event.type": keywords,
  "event.outcome": { type: "keyword", values: ["success", "failure", "unknown"] },
  "event.duration": duration,
  "event.start": date,
  "event.end": date,
  "event.reason": keyword,
  "user.name": { type: "keyword", hasText: true },
  "user.id": keyword,
  "user.effective.name": { type: "keyword", hasText: true },
  "host.hostname": keyword,
  "process.args": keywords,
  "user_agent.original": { type: "keyword", hasText: true },
  ...addressGroup("source", socketAddress),
  "source.bytes": bytes,
  // May come from a forwarding field, in whatever form the peer wrote it.
  ...addressGroup("client", { type: "ip" }),
  ...addressGroup("server", socketAddress),
  ...addressGroup("destination", { type: "ip" }),
  "destination.bytes": bytes,
  "network.protocol": keyword,
  "network.transport": keyword,
  "network.bytes": bytes,
  "tls.version": keyword,
  "tls.version_protocol": keyword,
  "tls.cipher": keyword,
  "tls.client.server_name": keyword,
  "tls.client.subject": keyword,
  "tls.client.hash.sha256": keyword,
  "url.original": searchedText,
  "url.path": { type: "wildcard" },
  "url.query": keyword,
  "http.version": keyword,
  "http.request.id": keyword,
  "http.request.method": {
    type: "keyword",
    values: ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"],
  },
  "http.request.mime_type": keyword,
  "http.request.body.bytes": bytes,
  "http.request.body.content": searchedText,
  "http.response.status_code": { type: "long", digits: 3 },
  "http.response.mime_type": keyword,
  "http.response.bytes": bytes,
  "http.response.body.bytes": bytes,
  "http.response.body.content": searchedText,
  "trace.id": keyword,
  "span.id": keyword,
  "error.code": keyword,
  "observer.type": keyword,
  "observer.product": keyword,
  "observer.version": keyword,
  "observer.hostname": keyword,
  "elasticsearch.audit.indices": keywords,
  "es_proxy.record": {
    type: "keyword",
    values: ["request", "response", "gap", "event", "session_start", "session_end"],
  },
  "es_proxy.process": keyword,
  "es_proxy.class": {
    type: "keyword",
    values: ["read", "write", "admin", "security", "meta", "unknown"],
  },
  "es_proxy.deprecated": boolean,
  "es_proxy.indices": keywords,
  "es_proxy.route": keyword,
  "es_proxy.pool": keyword,
  "es_proxy.listener": keyword,
  "es_proxy.outcome": { type: "keyword", values: outcomes },
  "es_proxy.attempts": long,
  "es_proxy.sniff.action": { type: "keyword", values: ["passed", "blocked", "rewritten"] },
  "es_proxy.sniff.bytes": bytes,
  "es_proxy.sniff.sha256": keyword,
  "es_proxy.upstream.endpoint": keyword,
  "es_proxy.upstream.reused": boolean,
  "es_proxy.time_to_first_byte": duration,
  "es_proxy.received": bytes,
  "es_proxy.response_encoding": keyword,
  "es_proxy.client_evidence": {
    type: "keyword",
    values: ["proxy_protocol", "forwarded_fields", "untrusted"],
  },
  "es_proxy.auth.scheme": keyword,
  "es_proxy.auth.name": keyword,
  "es_proxy.auth.malformed": boolean,
  "es_proxy.auth.token": keyword,
  "es_proxy.auth.jwt.iss": keyword,
  "es_proxy.auth.jwt.sub": keyword,
  "es_proxy.auth.jwt.exp": long,
  "es_proxy.auth.jwt.unverified": boolean,
  "es_proxy.headers": flattened,
  "es_proxy.raw": flattened,
  "es_proxy.request_body.streamed": boolean,
  ...bodyFields("es_proxy.request_body"),
  ...bodyFields("es_proxy.response_body"),
  "es_proxy.event": flattened,
  "es_proxy.gap.first_sequence": long,
  "es_proxy.gap.last_sequence": long,
  "es_proxy.gap.records": long,
  "es_proxy.gap.bytes": bytes,
  "es_proxy.gap.refused": long,
  "es_proxy.decision": { type: "keyword", values: ["remote", "pool", "close", "none"] },
  "es_proxy.target": keyword,
  "es_proxy.seen_bytes": bytes,
  "es_proxy.facts.indices": fact(keywords),
  "es_proxy.facts.took": fact({ type: "long", unit: "milliseconds" }),
  "es_proxy.facts.documents": fact(long),
  "es_proxy.facts.fingerprint": fact(keyword),
  "es_proxy.facts.query": fact(keyword),
  "es_proxy.facts.language": fact(keyword),
  "es_proxy.facts.names": fact(keywords),
  "es_proxy.facts.ids_returned": fact(keywords),
  "es_proxy.facts.ids_written": fact(keywords),
  "es_proxy.facts.ids_failed": fact(keywords),
  "es_proxy.facts.written": fact(long),
  "es_proxy.facts.items": fact(long),
  "es_proxy.facts.failures": fact(long),
  "es_proxy.facts.hits": fact(long),
  "es_proxy.facts.timed_out": fact(boolean),
  "es_proxy.facts.watched": fact(keywords),
  [readField]: fact(keyword),
  "es_proxy.facts.examined.request.state": fact(keyword),
  "es_proxy.facts.examined.request.reason": fact(keyword),
  "es_proxy.facts.examined.response.state": fact(keyword),
  "es_proxy.facts.examined.response.reason": fact(keyword),
};

/** Names that are quicker to type than the fields they stand for. */
export const recordShortNames: Readonly<Record<string, readonly string[]>> = {
  user: ["user.name", "user.id", "user.effective.name"],
  index: ["elasticsearch.audit.indices", "es_proxy.indices", "es_proxy.facts.indices"],
  action: ["event.action"],
  status: ["http.response.status_code"],
  source: ["source.ip", "source.address", "client.ip", "client.address"],
  outcome: ["event.outcome", "es_proxy.outcome"],
  took: ["es_proxy.facts.took"],
  docs: ["es_proxy.facts.documents"],
  read: [readField],
  body: [
    "http.request.body.content",
    "http.request.body.content.text",
    "http.response.body.content",
    "http.response.body.content.text",
  ],
  id: ["event.id"],
  path: ["url.path"],
  method: ["http.request.method"],
};

/** The fields of audit records. */
export const recordFields = new FieldTable(recordDefinitions, recordShortNames);
