/** Tokens that are handed out for a password, and what refreshes them. */
import { randomBytes } from "node:crypto";

/** A pair of tokens. */
export interface TokenPair {
  readonly access: string;
  /** `undefined`: the pair cannot be refreshed. */
  readonly refresh: string | undefined;
  readonly username: string;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  isInvalid: boolean;
  isRefreshed: boolean;
}

/** Life of an access token, as `xpack.security.authc.token.timeout` has it by default. */
export const tokenLifeMs = 1_200_000;
/** Life of a refresh token. */
const refreshLifeMs = 86_400_000;

/** All tokens; those whose time is over are forgotten when new ones are made. */
export class Tokens {
  readonly #byAccess = new Map<string, TokenPair>();
  readonly #byRefresh = new Map<string, TokenPair>();

  create(username: string, withRefresh: boolean, nowMs: number): TokenPair {
    this.#dropOld(nowMs);
    const pair: TokenPair = {
      access: randomBytes(48).toString("base64"),
      refresh: withRefresh ? randomBytes(48).toString("base64") : undefined,
      username,
      createdMs: nowMs,
      isInvalid: false,
      isRefreshed: false,
    };
    this.#byAccess.set(pair.access, pair);
    if (pair.refresh !== undefined) this.#byRefresh.set(pair.refresh, pair);
    return pair;
  }

  /** The pair of an access token that is valid now. */
  authenticate(access: string, nowMs: number): TokenPair | undefined {
    const pair = this.#byAccess.get(access);
    const isValid = pair !== undefined && !pair.isInvalid && pair.createdMs + tokenLifeMs > nowMs;
    return isValid ? pair : undefined;
  }

  byAccess(access: string): TokenPair | undefined {
    return this.#byAccess.get(access);
  }

  byRefresh(refresh: string): TokenPair | undefined {
    return this.#byRefresh.get(refresh);
  }

  ofUser(username: string): TokenPair[] {
    return [...this.#byAccess.values()].filter((pair) => pair.username === username);
  }

  #dropOld(nowMs: number): void {
    for (const pair of this.#byAccess.values()) {
      if (pair.createdMs + refreshLifeMs > nowMs) continue;
      this.#byAccess.delete(pair.access);
      if (pair.refresh !== undefined) this.#byRefresh.delete(pair.refresh);
    }
  }
}
