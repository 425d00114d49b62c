import { randomBytes } from "node:crypto";

/** Where time and randomness come from; tests put their own in place. */
export interface Entropy {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** Makes the identifiers that Elasticsearch makes by itself. */
export interface Identifiers {
  /** Id of a document that came without one: 20 characters, URL-safe. */
  documentId(): string;
  /** UUID of an index, node or cluster: 22 characters, URL-safe. */
  uuid(): string;
  /** Number of a task on its node. */
  taskNumber(): number;
}

/**
 * Document ids hold a counter, the time and a fixed part of random bytes, like Elasticsearch's: no
 * two are equal in one process, and two processes are kept apart by the random part.
 */
export function createIdentifiers(entropy: Entropy): Identifiers {
  const bytes = Buffer.alloc(15);
  randomBytes(6).copy(bytes, 9);
  let tasks = 0;
  let counter = Math.floor(entropy.random() * 0xffffff);
  return {
    documentId() {
      counter = (counter + 1) & 0xffffff;
      bytes[0] = counter & 0xff;
      bytes[1] = (counter >> 16) & 0xff;
      bytes.writeUIntBE(entropy.nowMs(), 2, 6);
      bytes[8] = (counter >> 8) & 0xff;
      return bytes.toString("base64url");
    },
    taskNumber: () => ++tasks,
    uuid: () => randomBytes(16).toString("base64url"),
  };
}
