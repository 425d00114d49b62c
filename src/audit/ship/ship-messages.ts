/** What the thread that ships and its owner tell each other. */

/** A target of a running proxy; plain data, so that it can be handed to a thread. */
export interface ShipTargetOptions {
  /** Nodes of one cluster. */
  readonly nodes: readonly string[];
  readonly dataStream: string;
  /** File with an API key as Elasticsearch encodes it, read with each request. */
  readonly apiKeyFile: string | undefined;
  /** File with the authorities for the nodes' certificates, PEM. */
  readonly caFile: string | undefined;
  /** Bodies that stand in their records are shipped up to this size. Bytes. */
  readonly bodyBytes: number;
  /** Between two looks at a trail that had nothing new. Milliseconds. */
  readonly everyMs: number;
}

/** All that the thread is started with. */
export interface ShipThreadOptions {
  readonly directory: string;
  readonly targets: readonly ShipTargetOptions[];
  /** Origin of the proof; `undefined`: none is kept. */
  readonly origin: string | undefined;
  /** Facts are being derived, and belong to the documents. */
  readonly hasFacts: boolean;
  /** {@link shipSlot} for each target, one behind the other. */
  readonly slots: SharedArrayBuffer;
}

/** Positions in the shared array of doubles. */
export const shipSlot = {
  /** Documents that are at the target, since the start. */
  shipped: 0,
  /** Documents that it will never take. */
  refused: 1,
  /** Requests that have failed, or were taken in part. */
  failures: 2,
  /** Wall clock at which everything had been shipped last. Milliseconds since the epoch. */
  caughtUpMs: 3,
  /** How often segments were found to be removed before they were shipped. */
  lost: 4,
} as const;

/** For each target. */
export const shipSlots = 5;

/** From the owner. `stop`: ship what is there, within bounds, and end. */
export type ShipCommand = { readonly kind: "stop" };

/** From the thread. */
export type ShipMessage =
  | { readonly kind: "log"; readonly level: "info" | "warn" | "error"; readonly text: string }
  /** Something about the trail that belongs into the trail. */
  | {
      readonly kind: "event";
      readonly action: string;
      readonly outcome: "success" | "failure";
      readonly fields: Readonly<Record<string, string | number>>;
    };
