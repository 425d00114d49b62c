import { hash } from "node:crypto";
import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AuditFact } from "./reconciler.ts";

const activeName = "audit.ndjson";
const readBytes = 1024 * 1024;

interface Position {
  offset: number;
  /** Bytes of a line whose end has not been read. */
  rest: Buffer;
}

/**
 * Reads the records of a proxy that is writing, wherever a file's name moves when it is full. Files
 * that are full and read are removed: a run of hours must not fill the disk.
 */
export class AuditTail {
  readonly #directory: string;
  readonly #onFact: (fact: AuditFact) => void;
  /** By inode, which stays when the file is renamed. */
  readonly #positions = new Map<number, Position>();
  /** Records that are not about a request of the load. */
  others = 0;
  records = 0;

  constructor(directory: string, onFact: (fact: AuditFact) => void) {
    this.#directory = directory;
    this.#onFact = onFact;
  }

  /** Reads what is new. */
  async read(): Promise<void> {
    const names = (await readdir(this.#directory))
      .filter((name) => name.endsWith(".ndjson"))
      .sort();
    // The active file last: what was renamed is older.
    for (const name of [
      ...names.filter((other) => other !== activeName),
      ...names.filter((other) => other === activeName),
    ]) {
      const file = join(this.#directory, name);
      const { ino } = await stat(file);
      await this.#readFile(file, ino);
      if (name !== activeName) {
        await rm(file);
        this.#positions.delete(ino);
      }
    }
  }

  async #readFile(file: string, inode: number): Promise<void> {
    const position = this.#positions.get(inode) ?? { offset: 0, rest: Buffer.alloc(0) };
    this.#positions.set(inode, position);
    await using handle = await open(file, "r");
    for (;;) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafe(readBytes),
        0,
        readBytes,
        position.offset,
      );
      if (bytesRead === 0) return;
      position.offset += bytesRead;
      this.#lines(position, buffer.subarray(0, bytesRead));
    }
  }

  #lines(position: Position, bytes: Buffer): void {
    const all = position.rest.length === 0 ? bytes : Buffer.concat([position.rest, bytes]);
    let start = 0;
    for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, start)) {
      this.#line(all.toString("utf8", start, end));
      start = end + 1;
    }
    position.rest = Buffer.from(all.subarray(start));
  }

  #line(text: string): void {
    this.records += 1;
    const fact = factOf(JSON.parse(text) as EcsRecord);
    if (fact === undefined) this.others += 1;
    else this.#onFact(fact);
  }
}

interface BodyRecord {
  readonly content?: string;
}

interface BodyFacts {
  readonly base64?: string;
  readonly sha256?: string;
  readonly redaction?: string;
  readonly streamed?: boolean;
  readonly complete?: boolean;
}

/** The fields of a record that are used here. */
interface EcsRecord {
  readonly event: { readonly id: string };
  readonly http?: {
    readonly request?: { readonly body?: BodyRecord };
    readonly response?: { readonly status_code?: number; readonly body?: BodyRecord };
  };
  readonly error?: { readonly code?: string };
  readonly es_proxy: {
    readonly record: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly request_body?: BodyFacts;
    readonly response_body?: BodyFacts;
  };
}

function factOf({ event, http, error, es_proxy: own }: EcsRecord): AuditFact | undefined {
  const { id } = event;
  if (own.record === "request") {
    const serial = /^stress-(\d+)$/u.exec(own.headers?.["x-opaque-id"] ?? "")?.[1];
    if (serial === undefined) return undefined;
    return {
      phase: "request",
      id,
      serial: Number(serial),
      bodySha256: bodyHash(http?.request?.body, own.request_body),
    };
  }
  if (own.record !== "response") return undefined;
  return {
    phase: "response",
    id,
    status: http?.response?.status_code ?? 0,
    answerSha256: bodyHash(http?.response?.body, own.response_body),
    lateBodySha256:
      own.request_body === undefined ? undefined : bodyHash(http?.request?.body, own.request_body),
    isEndpointsAnswer: error?.code === undefined,
  };
}

/** The hash of a body as it passed; `undefined` when the record does not hold all of it. */
function bodyHash(body: BodyRecord | undefined, facts: BodyFacts | undefined): string | undefined {
  if (facts?.redaction !== undefined || facts?.streamed === true || facts?.complete === false)
    return undefined;
  if (facts?.sha256 !== undefined) return facts.sha256;
  if (facts?.base64 !== undefined) return hash("sha256", Buffer.from(facts.base64, "base64"));
  return hash("sha256", body?.content ?? "");
}
