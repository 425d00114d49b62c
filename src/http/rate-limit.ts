/**
 * Token buckets that are kept at most: some 2 MiB of memory, however many addresses a client has.
 */
const maxBuckets = 10_000;
/** Rounding of many small refills must not keep back a token that is due. */
const tolerance = 1e-6;

export interface RateLimitOptions {
  readonly by: "client_address" | "user";
  /** Tokens that come in each `perMs`. */
  readonly requests: number;
  readonly perMs: number;
  /** Tokens saved up at most. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Requests per time for each client of a route: one token bucket a key, filled when looked at. */
export class RateLimit {
  readonly options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.options = options;
  }

  /** Buckets kept now, at most 10,000. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. @returns 0 when there was one, else the seconds until the next, rounded up. */
  take(key: string, nowMs: number): number {
    const { requests, perMs } = this.options;
    const bucket = this.#bucket(key, nowMs);
    bucket.tokens = this.#tokensAt(bucket, nowMs);
    bucket.filledAtMs = nowMs;
    if (bucket.tokens >= 1 - tolerance) {
      bucket.tokens = Math.max(0, bucket.tokens - 1);
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - bucket.tokens) * perMs) / requests / 1000 - tolerance));
  }

  #tokensAt(bucket: Bucket, nowMs: number): number {
    const { requests, perMs, burst } = this.options;
    return Math.min(burst, bucket.tokens + ((nowMs - bucket.filledAtMs) * requests) / perMs);
  }

  #bucket(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= maxBuckets) this.#forget(nowMs);
    const bucket = { tokens: this.options.burst, filledAtMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /**
   * Forgets full buckets, which are equal to new ones. When too few are full it forgets the oldest:
   * a forgotten client can only pass too early, never be refused.
   */
  #forget(nowMs: number): void {
    for (const [key, bucket] of this.#buckets)
      if (this.#tokensAt(bucket, nowMs) >= this.options.burst - tolerance)
        this.#buckets.delete(key);
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size <= maxBuckets / 2) return;
      this.#buckets.delete(key);
    }
  }
}
