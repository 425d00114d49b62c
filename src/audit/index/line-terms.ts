/**
 * The indexed values of a line, found by their names where the line is of the usual form: an index
 * reads millions of lines. What looks different is parsed.
 */
import type { Buffer } from "node:buffer";

import { readLine } from "../format/line-reader.ts";
import { visitTerms, type TermValue } from "./index-contents.ts";
import type { RecordTerms } from "./segment-overview.ts";

/** How many documents an answer had, as a line of facts says. */
export function documentsIn(line: string): number {
  // What a text holds has a backslash before each quote, so this stands at a name only.
  const at = line.indexOf(documentsName);
  return at < 0 ? 0 : Number.parseInt(line.slice(at + documentsName.length), 10) || 0;
}

/** Takes one value of one indexed field. */
export type TermTaker = (field: string, value: TermValue) => void;

/** Values of an object or a list, by its text: the same ones come again and again. */
type Parsed = readonly (readonly [field: string, value: TermValue])[];
const mostRemembered = 10_000;
/** Most records have all of it in so much. Bytes. */
const headBytes = 1024;

// In a string of JSON each quote has a backslash before it, so these stand at names only; and they
// stand in this order in what `EcsEncoder` writes for exchanges.
const actionName = '"action":"';
const auditIndicesName = '"audit":{"indices":[';
const recordName = '"es_proxy":{"record":"re';
const kindAt = '"es_proxy":{"record":"'.length;
const httpName = '"http":{';
const outcomeName = '"outcome":"';
const [clientName, clientIp] = ['"client":{', '"client":{"ip":"'];
const sourceIp = '"source":{"ip":"';
const indicesName = '"indices":[';
const versionName = '"ecs":{"version":"';
const userName = '"user":{';
const statusName = '"status_code":';

const factsIndices = "es_proxy.facts.indices";
const factsFingerprint = "es_proxy.facts.fingerprint";
const fingerprintName = '"fingerprint":"';
const documentsName = '"documents":';
const readName = '"read":{"role":';

/** Reads the terms of lines; one object for many. */
export class LineTerms {
  readonly #remembered = new Map<string, Parsed>();

  /**
   * Every value of an indexed field in a record, perhaps more than once. Bodies stand behind all
   * of them, so that only the beginning of most lines is looked at.
   */
  ofLine(bytes: Buffer, at: number, end: number): RecordTerms {
    if (end - at > headBytes) {
      const found: [field: string, value: TermValue][] = [];
      const head = bytes.toString("latin1", at, at + headBytes);
      if (this.#isUsualRecord(head, (field, value) => found.push([field, value]), true))
        return found;
    }
    return this.ofRecord(bytes.toString("latin1", at, end));
  }

  /** The same of a whole line. */
  ofRecord(line: string): RecordTerms {
    const found: [field: string, value: TermValue][] = [];
    const isUsual = this.#isUsualRecord(line, (field, value) => found.push([field, value]));
    return isUsual ? found : parsedTerms(line);
  }

  /** The same of a line of facts. */
  ofFacts(line: string): RecordTerms {
    const readAt = line.indexOf(readName);
    const end = readAt < 0 ? line.length : readAt;
    const at = line.indexOf(indicesName);
    const indices = at < 0 || at > end ? [] : this.#list(line, at, indicesName, factsIndices);
    const print = line.indexOf(fingerprintName);
    const hash = print < 0 ? undefined : textBehind(line, print, fingerprintName);
    if (indices === undefined || hash === "") return parsedTerms(line);
    return hash === undefined ? indices : [...indices, [factsFingerprint, hash]];
  }

  /**
   * @param isCut the line goes on
   * @returns false: the line has another form, and what was taken of it counts nothing
   */
  #isUsualRecord(line: string, take: TermTaker, isCut = false): boolean {
    const recordAt = line.indexOf(recordName);
    const versionAt = recordAt < 0 ? -1 : line.indexOf(versionName, recordAt);
    const httpAt = versionAt < 0 ? -1 : line.indexOf(httpName, versionAt);
    if (httpAt < 0) return false;
    // Names are looked for in the part that has them: what is not there is not sought in bodies.
    const event = line.slice(0, recordAt);
    const own = line.slice(recordAt, versionAt);
    const shared = line.slice(versionAt, httpAt);
    const kind = own.slice(kindAt, own.indexOf('"', kindAt));
    if (kind !== "request" && kind !== "response") return false;
    take("es_proxy.record", kind);
    const isResponse = kind === "response";
    return (
      takeText(event, actionName, "event.action", take) &&
      (!isResponse || takeText(event, outcomeName, "event.outcome", take)) &&
      (!isResponse || takeText(own, outcomeName, "es_proxy.outcome", take)) &&
      takeAddresses(own, shared, take) &&
      this.#takeIndices(event, own, take) &&
      this.#takeUser(shared, shared.indexOf(userName), take) &&
      (!isResponse || takeStatus(line, line.indexOf(statusName, httpAt), take, isCut))
    );
  }

  /** Lists of both names that records have for indices. */
  #takeIndices(event: string, own: string, take: TermTaker): boolean {
    const lists: Parsed[] = [];
    if (event.endsWith("]}},")) {
      const at = event.lastIndexOf(auditIndicesName);
      const list = this.#list(event, at, auditIndicesName, "elasticsearch.audit.indices");
      if (at < 0 || list === undefined) return false;
      lists.push(list);
    }
    const at = own.indexOf(indicesName);
    if (at >= 0) {
      const list = this.#list(own, at, indicesName, "es_proxy.indices");
      // Facts in the record itself have indices, too.
      if (list === undefined || own.includes(indicesName, at + 1)) return false;
      lists.push(list);
    }
    for (const [field, value] of lists.flat()) take(field, value);
    return true;
  }

  #takeUser(line: string, at: number, take: TermTaker): boolean {
    if (at < 0) return true;
    const object = line.slice(at + userName.length - 1, line.indexOf("}", at) + 1);
    const terms = this.#parsed(object, (value) => {
      const found: [field: string, value: TermValue][] = [];
      visitTerms({ user: value }, (field, term) => found.push([field, term]));
      return found;
    });
    for (const [field, value] of terms ?? []) take(field, value);
    return terms !== undefined;
  }

  /** The texts of the list behind a name; `undefined`: it is no such list. */
  #list(line: string, at: number, name: string, field: string): Parsed | undefined {
    const start = at + name.length - 1;
    const text = line.slice(start, line.indexOf("]", start) + 1);
    const terms = this.#parsed(text, (value) =>
      Array.isArray(value) && value.every((item) => typeof item === "string")
        ? value.map((item): readonly [string, TermValue] => ["", item])
        : undefined,
    );
    return terms?.map(([, value]) => [field, value] as const);
  }

  #parsed(text: string, termsOf: (value: unknown) => Parsed | undefined): Parsed | undefined {
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    let terms: Parsed | undefined;
    try {
      terms = termsOf(JSON.parse(text));
    } catch {
      // It goes on behind the first bracket.
    }
    if (terms === undefined) return undefined;
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(text, terms);
    return terms;
  }
}

function parsedTerms(line: string): RecordTerms {
  const found: [field: string, value: TermValue][] = [];
  visitTerms(readLine(line) ?? {}, (field, value) => found.push([field, value]));
  return found;
}

/** Takes a text where it is there. */
function takeText(part: string, name: string, field: string, take: TermTaker): boolean {
  const at = part.indexOf(name);
  if (at < 0) return true;
  const text = textBehind(part, at, name);
  if (text === "") return false;
  take(field, text);
  return true;
}

/** Who has asked: a client that another proxy names stands among what is the proxy's own. */
function takeAddresses(own: string, shared: string, take: TermTaker): boolean {
  const at = shared.indexOf(sourceIp);
  if (at < 0) return false;
  take("source.ip", textBehind(shared, at, sourceIp));
  if (!own.includes(clientName)) return true;
  const clientAt = own.indexOf(clientIp);
  if (clientAt >= 0) take("client.ip", textBehind(own, clientAt, clientIp));
  return clientAt >= 0;
}

function takeStatus(line: string, at: number, take: TermTaker, isCut: boolean): boolean {
  if (at < 0) return !isCut;
  const start = at + statusName.length;
  if (isCut && start + 4 > line.length) return false;
  const code = Number.parseInt(line.slice(start, start + 4), 10);
  if (!(code >= 100 && code < 1000)) return false;
  take("http.response.status_code", code);
  return true;
}

/** A text of JSON without escapes; empty where it has some. */
function textBehind(line: string, at: number, name: string): string {
  const start = at + name.length;
  const text = line.slice(start, line.indexOf('"', start));
  return text.includes("\\") ? "" : text;
}
