/** What a life of a trail is like. */
export interface LifeOptions {
  readonly workers: number;
  readonly format: "ecs" | "text";
  readonly compress: boolean;
  /** Public keys of age. */
  readonly recipients: readonly string[];
  /** Full segments may take so much. Bytes. */
  readonly keepBytes: number;
  readonly erases: boolean;
  readonly facts: boolean;
}

/** A text that stands in the records and the body of one exchange alone. */
export function markerOf(seed: string, number: number): string {
  return `m${seed}x${number}z`;
}
