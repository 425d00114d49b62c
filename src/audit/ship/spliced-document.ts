/** Makes exchange documents of pieces of the lines: to parse and write them costs more. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

import { jsonString } from "../format/json-text.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { DocumentBatch } from "./document-batch.ts";
import type { DocumentOptions } from "./exchange-document.ts";
import { copy, JoinedLines, putValue } from "./joined-lines.ts";
import { LineMembers } from "../format/ecs/line-members.ts";

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");
const comma = 0x2c;
const closeBrace = 0x7d;
const names = {
  timestamp: bytesOf("@timestamp"),
  event: bytesOf("event"),
  own: bytesOf("es_proxy"),
  id: bytesOf("id"),
  sequence: bytesOf("sequence"),
  end: bytesOf("end"),
  original: bytesOf("original"),
  log: bytesOf("log"),
  facts: bytesOf("facts"),
  agent: bytesOf("user_agent"),
};
/** Ids of records have so many characters, none of them escaped. */
const idLength = 36;
const actionHead = bytesOf('{"create":{"_id":"');
const actionNeck = bytesOf('"}}\n{"event":{"original":"');
const betweenLines = bytesOf("\\n");
const afterOriginal = bytesOf('","end":');
const logHead = bytesOf(',"log":{');
const entryField = bytesOf(',"entry":"');
const [nextRecord, lastRecord] = [bytesOf('"},{"journal":'), bytesOf('"}]}')];
const sequenceField = bytesOf(',"sequence":');
const factsField = bytesOf(',"facts":');
const factsMark = bytesOf('"es_proxy":{"facts":');
/** What stands in a document beside lines, facts and names: keys, an id and two digests. Bytes. */
const ownBytes = 1024;

/** One for a trail: it remembers what is the same in all documents. */
export class DocumentSplicer {
  readonly #options: DocumentOptions;
  readonly #first = new LineMembers();
  readonly #last = new LineMembers();
  readonly #joined = new JoinedLines(this.#first, this.#last, names.timestamp);
  readonly #journals = new Map<string, JournalPieces>();

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  /**
   * Adds the document of an exchange or session to a batch.
   *
   * @returns whether that could be done; where not, nothing was added
   */
  add(entry: TrailEntry, batch: DocumentBatch): boolean {
    const { opening, closing, factsLine } = entry;
    if (opening === undefined || closing === undefined) return false;
    const [one, two] = [opening.bytes, closing.bytes];
    const pieces = this.#piecesOf(opening.segment.journal);
    const lastPieces = this.#piecesOf(closing.segment.journal);
    batch.reserve(
      // Escaped, a line has twice its length at most.
      3 * (one.length + two.length) +
        (factsLine?.length ?? 0) +
        (pieces.cut.length + pieces.name.length + lastPieces.name.length + ownBytes),
    );
    const { bytes: out } = batch;
    const { bodyBytes } = this.#options;
    const [first, last] = [this.#first, this.#last];

    let at = put(out, batch.end, actionHead);
    const idAt = at;
    at = put(out, at + idLength, actionNeck);
    if (!first.read(one, bodyBytes, out, at)) return false;
    at = put(out, first.outEnd, betweenLines);
    if (!last.read(two, bodyBytes, out, at)) return false;
    at = put(out, last.outEnd, afterOriginal);

    const [event, own] = [first.find(0, names.event), first.find(0, names.own)];
    const [lastEvent, lastOwn] = [last.find(0, names.event), last.find(0, names.own)];
    if (event < 0 || own < 0 || lastEvent < 0 || lastOwn < 0) return false;
    if (!first.isObject(event) || !last.isObject(lastEvent)) return false;
    if (!first.isObject(own) || !last.isObject(lastOwn)) return false;
    // What is added behind its members begins with a comma.
    if (first.after[own] === own + 1) return false;
    const id = first.find(event, names.id);
    const sequence = first.find(event, names.sequence);
    const lastSequence = last.find(lastEvent, names.sequence);
    const timestamp = first.find(0, names.timestamp);
    const lastTimestamp = last.find(0, names.timestamp);
    if (id < 0 || sequence < 0 || lastSequence < 0 || timestamp < 0 || lastTimestamp < 0)
      return false;
    if (valueLength(first, id) !== idLength + 2) return false;
    for (const [line, owner, name] of [
      [first, event, names.original],
      [first, event, names.end],
      [last, lastEvent, names.original],
      [last, lastEvent, names.end],
      [first, own, names.log],
      [first, own, names.facts],
      [last, lastOwn, names.log],
    ] as const)
      if (line.find(owner, name) >= 0) return false;
    const factsAt = factsLine === undefined ? -1 : factsLine.indexOf(factsMark);
    if (factsLine !== undefined && (factsAt < 0 || factsLine.at(-1) !== closeBrace)) return false;

    const leftOut = factsLine === undefined ? -1 : last.find(lastOwn, names.facts);
    if (!this.#joined.join(leftOut)) return false;

    copy(one, (first.valueAt[id] ?? 0) + 1, idLength, out, idAt);
    at = putValue(last, lastTimestamp, out, at);
    const [eventAt, eventEnd] = [first.valueAt[event] ?? 0, first.valueEnd[event] ?? 0];
    out[at] = comma;
    at = this.#joined.put(eventAt + 1, eventEnd, out, at + 1);
    // Before its name is a comma, or the brace that the line begins with.
    const beforeEvent = (first.nameAt[event] ?? 0) - 2;
    if (beforeEvent > 0) {
      out[at] = comma;
      at = this.#joined.put(1, beforeEvent, out, at + 1);
    }
    // `es_proxy` ends with what is known of its lines.
    const ownEnd = (first.valueEnd[own] ?? 0) - 1;
    if (ownEnd < eventEnd) return false;
    at = this.#joined.put(eventEnd, ownEnd, out, at);
    at = put(out, at, first.cuts + last.cuts === 0 ? pieces.whole : pieces.cut);
    at = put(out, at, pieces.name);
    at = put(out, at, sequenceField);
    at = putValue(first, sequence, out, at);
    at = put(out, at, entryField);
    at += out.write(hash("sha256", one, "base64"), at, "latin1");
    at = put(out, at, nextRecord);
    at = put(out, at, lastPieces.name);
    at = put(out, at, sequenceField);
    at = putValue(last, lastSequence, out, at);
    at = put(out, at, entryField);
    at += out.write(hash("sha256", two, "base64"), at, "latin1");
    at = put(out, at, lastRecord);
    if (factsLine !== undefined) {
      at = put(out, at, factsField);
      // `{"event":{…},"es_proxy":{"facts":{…}}}`
      const from = factsAt + factsMark.length;
      at = copy(factsLine, from, factsLine.length - 2 - from, out, at);
    }
    at = this.#joined.put(ownEnd, one.length, out, at);
    out[at] = 0x0a;
    batch.add(at + 1);
    return true;
  }

  /** Whether the request of the entry that was added last names this client. */
  isOf(userAgent: Uint8Array): boolean {
    const first = this.#first;
    const agent = first.find(0, names.agent);
    if (agent < 0) return false;
    const end = first.valueEnd[agent] ?? 0;
    // `{"original":"…"}`
    const at = end - 2 - userAgent.length;
    if (at < (first.valueAt[agent] ?? 0)) return false;
    for (let index = 0; index < userAgent.length; index += 1)
      if (first.line[at + index] !== userAgent[index]) return false;
    return true;
  }

  #piecesOf(journal: string): JournalPieces {
    const known = this.#journals.get(journal);
    if (known !== undefined) return known;
    const { host, originOf } = this.#options;
    const origin = originOf(journal);
    const head =
      `"host":${jsonString(host)},` +
      (origin === undefined ? "" : `"origin":${jsonString(origin)},`);
    const piece = (isWhole: boolean): Buffer =>
      bytesOf(`${logHead.toString("latin1")}${head}"whole":${isWhole},"records":[{"journal":`);
    const made = { whole: piece(true), cut: piece(false), name: bytesOf(jsonString(journal)) };
    this.#journals.set(journal, made);
    return made;
  }
}

/** What is the same in the documents of a journal. */
interface JournalPieces {
  readonly whole: Buffer;
  readonly cut: Buffer;
  readonly name: Buffer;
}

function put(out: Uint8Array, at: number, piece: Uint8Array): number {
  const { length } = piece;
  if (length > 24) out.set(piece, at);
  else for (let index = 0; index < length; index += 1) out[at + index] = piece[index] ?? 0;
  return at + length;
}

function valueLength(line: LineMembers, member: number): number {
  return (line.valueEnd[member] ?? 0) - (line.valueAt[member] ?? 0);
}
