/** Which scrolls, points in time and other cursors read indices of credentials. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { GenerationCache } from "../../core/generation-cache.ts";
import { namesSecretIndex } from "./secret-indices.ts";

/** Cursors of one generation, some 100 bytes each; more are open in no cluster. */
const most = 8192;
/** Characters of a digest that are kept: 96 bits. */
const digestLength = 16;
/** Characters of a UUID of Elasticsearch, before which this length stands. */
const uuidLength = 22;
const uuid = /^[\w-]{22}$/;
const indexName = /^[a-z0-9._-]+$/;
/** Longer names have their length in two bytes. */
const maxName = 127;

interface Origin {
  readonly isSecret: boolean;
}

const secret: Origin = { isSecret: true };
const harmless: Origin = { isSecret: false };

/** The cursors that the answers of one process have opened. Bounded; keeps digests of their ids. */
export class CursorOrigins {
  readonly #known = new GenerationCache<string, Origin>(most);

  /** An answer gave this id. */
  opened(id: string, isSecret: boolean): void {
    const digest = digestOf(id);
    // An answer may hold any text where an id stands: none makes a cursor harmless again.
    if (this.#known.get(digest) !== secret) this.#known.set(digest, isSecret ? secret : harmless);
  }

  /**
   * Whether what an id reads may be credentials: yes for one that nobody has seen opened.
   *
   * @param isPointInTime such an id says itself what it reads
   */
  mayReadSecrets(id: string, isPointInTime: boolean): boolean {
    const origin = this.#known.get(digestOf(id));
    if (origin !== undefined) return origin.isSecret;
    return !isPointInTime || pointInTimeMayReadSecrets(id);
  }
}

function digestOf(id: string): string {
  return hash("sha256", id, "base64").slice(0, digestLength);
}

/**
 * The id of a point in time holds the name of each index, its UUID behind it, each with its length
 * before it (`SearchContextId`, `ShardId.writeTo` of Elasticsearch).
 */
function pointInTimeMayReadSecrets(id: string): boolean {
  const bytes = Buffer.from(id, "base64url");
  let isKnown = false;
  let at = bytes.indexOf(uuidLength);
  while (at >= 0) {
    const isUuid = uuid.test(bytes.toString("latin1", at + 1, at + 1 + uuidLength));
    const name = isUuid ? nameBefore(bytes, at) : undefined;
    if (name !== undefined && namesSecretIndex(name, false)) return true;
    isKnown ||= name !== undefined;
    at = bytes.indexOf(uuidLength, at + 1);
  }
  return !isKnown;
}

/** The text that ends before `end`, and before which its length stands. */
function nameBefore(bytes: Buffer, end: number): string | undefined {
  for (let length = 1; length <= maxName && length < end; length += 1) {
    const from = end - length;
    if (bytes[from - 1] !== length) continue;
    const name = bytes.toString("latin1", from, end);
    if (indexName.test(name)) return name;
  }
  return undefined;
}
