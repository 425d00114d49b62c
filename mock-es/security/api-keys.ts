/** API keys. */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../json/json-value.ts";
import type { RoleDescriptor } from "./role-descriptor.ts";
import { isSecret, type Realm, type Secret, secretOf } from "./users.ts";

/** An API key, without what it is proven by. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly creation: number;
  /** Milliseconds since the epoch; `undefined`: never. */
  expiration: number | undefined;
  /** When it was invalidated, in milliseconds since the epoch; `undefined`: it was not. */
  invalidation: number | undefined;
  readonly username: string;
  readonly realm: Realm;
  metadata: JsonObject;
  /** What it is for; nothing: all that its owner may do. */
  roles: readonly RoleDescriptor[];
  /** What its owner could do when it was made or changed. */
  limitedBy: readonly RoleDescriptor[];
}

/** Keys that are kept at most; more is a test that forgets to invalidate, or a mistake. */
const maxKeys = 100_000;

/** All API keys by id, invalid ones too. */
export class ApiKeys {
  readonly #keys = new Map<string, { readonly key: ApiKey; readonly secret: Secret }>();

  get isFull(): boolean {
    return this.#keys.size >= maxKeys;
  }

  /** Stores a key. @returns its secret half, which is not kept */
  add(key: ApiKey): string {
    const secret = randomBytes(16).toString("base64url");
    this.#keys.set(key.id, { key, secret: secretOf(secret) });
    return secret;
  }

  find(id: string): ApiKey | undefined {
    return this.#keys.get(id)?.key;
  }

  list(): ApiKey[] {
    return [...this.#keys.values()].map(({ key }) => key);
  }

  /** The key with this secret, or the server's words for why there is none. */
  authenticate(id: string, secret: string, nowMs: number): ApiKey | string {
    const stored = this.#keys.get(id);
    if (stored === undefined) return `unable to find apikey with id ${id}`;
    const { key } = stored;
    if (key.invalidation !== undefined) return `api key [${id}] has been invalidated`;
    if (!isSecret(stored.secret, secret)) return `invalid credentials for API key [${id}]`;
    return key.expiration !== undefined && key.expiration <= nowMs ? "api key is expired" : key;
  }
}
