import type { BodyFacts } from "../../record/body-facts.ts";
import { pointerFields } from "./ecs-body-fields.ts";
import { addressFields } from "./ecs-fields.ts";
import { jsonString, jsonWireString } from "../json-text.ts";
import type { SessionRecord } from "../../record/session-record.ts";

/**
 * Members of `event` behind the sequence number of the record of a decision, up to its `start`.
 */
export function decidedEvent(record: SessionRecord): string {
  const verdict = record.decision === "close" ? "denied" : "allowed";
  return (
    `,"id":"${record.id}","action":"tcp.decision","category":["network"],` +
    `"type":["connection","start","${verdict}"]`
  );
}

/** The rest of that record but for what all records have. Ends with a comma. */
export function decidedRest(record: SessionRecord, process: string): string {
  const seen = seenFields(record.seen);
  return (
    `"es_proxy":{"record":"session_start","process":${process},${decisionFields(record)}` +
    `,"seen_bytes":${record.seenBytes}${seen}},${whoFields(record)}"network":{"transport":"tcp"},`
  );
}

/**
 * Members of `event` behind the sequence number of the last record of a session, up to its
 * `start`. @param nanoseconds its duration
 */
export function endedEvent(record: SessionRecord, nanoseconds: number): string {
  const types =
    record.outcome === "rejected" ? '["connection","end","denied"]' : '["connection","end"]';
  return (
    `,"outcome":"${eventOutcome(record)}","duration":${nanoseconds},"id":"${record.id}",` +
    `"action":"tcp.session","category":["network"],"type":${types}`
  );
}

/** The rest of that record but for what all records have. Ends with a comma. */
export function endedRest(record: SessionRecord, process: string): string {
  const { attempts, endpoint, bytesUp, bytesDown, errorCode, peer, proxy } = record;
  const source = addressFields((proxy ?? peer).address, (proxy ?? peer).port);
  return (
    `"es_proxy":{"record":"session_end","process":${process},${decisionFields(record)}` +
    `,"outcome":"${record.outcome}","attempts":${attempts}` +
    `${endpoint === "" ? "" : `,"upstream":{"endpoint":${jsonString(endpoint)}}`}},` +
    (errorCode === "" ? "" : `"error":{"code":${jsonString(errorCode)}},`) +
    `"source":${source.slice(0, -1)},"bytes":${bytesUp}},${clientField(record)}` +
    `"destination":{${destinationFields(endpoint)}"bytes":${bytesDown}},` +
    `"network":{"transport":"tcp","bytes":${bytesUp + bytesDown}},`
  );
}

/** The bytes themselves, or where they lie: then they have the members of a request body. */
function seenFields({ content, pointer, complete }: BodyFacts): string {
  if (content !== undefined) return `,"first_bytes":"${content.toString("base64")}"`;
  if (pointer === undefined) return "";
  return `,"request_body":{${pointerFields(pointer)}"complete":${complete}}`;
}

function decisionFields({ route, decision, target, proxy }: SessionRecord): string {
  const where = target === undefined ? "" : `,"target":${jsonWireString(target)}`;
  const pool =
    decision === "pool" && target !== undefined ? `,"pool":${jsonWireString(target)}` : "";
  const evidence = proxy === undefined ? "" : ',"client_evidence":"proxy_protocol"';
  return (
    `"listener":${jsonString(route.listener)}${evidence},"decision":"${decision}"` +
    `${where}${pool}`
  );
}

function whoFields(record: SessionRecord): string {
  const { peer, proxy, local, tlsServerName } = record;
  const source = proxy ?? peer;
  return (
    `"source":${addressFields(source.address, source.port)},${clientField(record)}` +
    `"server":${addressFields(local.address, local.port)},` +
    (tlsServerName === undefined
      ? ""
      : `"tls":{"client":{"server_name":${jsonWireString(tlsServerName)}}},`)
  );
}

function clientField({ peer, proxy }: SessionRecord): string {
  return proxy === undefined ? "" : `"client":${addressFields(peer.address, peer.port)},`;
}

/** `ip:port` of the server as members; anything else, such as a unix socket, is an `address`. */
function destinationFields(endpoint: string): string {
  if (endpoint === "") return "";
  const [, v6, v4, port] = /^(?:\[(.*)\]|([\d.]+)):(\d+)$/.exec(endpoint) ?? [];
  const address = v6 ?? v4;
  if (address === undefined) return `"address":${jsonString(endpoint)},`;
  return `${addressFields(address, Number(port)).slice(1, -1)},`;
}

function eventOutcome({ outcome }: SessionRecord): "success" | "failure" | "unknown" {
  switch (outcome) {
    case "completed":
    case "closed":
      return "success";
    case "client_aborted":
    case "shutdown":
    case "crash_recovered":
      return "unknown";
    case "upstream_failed":
    case "timed_out":
    case "rejected":
      return "failure";
  }
}
