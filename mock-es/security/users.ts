/** Users: the built-in ones, and those of the native realm. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { JsonObject } from "../json/json-value.ts";

/** A user. */
export interface User {
  readonly username: string;
  readonly roles: readonly string[];
  readonly fullName: string | null;
  readonly email: string | null;
  readonly metadata: JsonObject;
  readonly enabled: boolean;
}

/** Where users come from. */
export interface Realm {
  readonly name: string;
  readonly type: string;
}

/** The realm of users that are made by requests. */
export const nativeRealm: Realm = { name: "default_native", type: "native" };
/** The realm of built-in users. */
export const reservedRealm: Realm = { name: "reserved", type: "reserved" };

/** A user whose password can be asked for. */
interface StoredUser {
  user: User;
  readonly realm: Realm;
  /** Salt and hash; `undefined` for a built-in user without a password, who cannot come in. */
  secret: Secret | undefined;
}

/** A password that can be compared and not read. The mock is for tests, so one round is enough. */
export interface Secret {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Hides a password. */
export function secretOf(password: string): Secret {
  const salt = randomBytes(16);
  return { salt, hash: hashOf(salt, password) };
}

/** True for the password that was hidden. */
export function isSecret({ salt, hash }: Secret, password: string): boolean {
  return timingSafeEqual(hash, hashOf(salt, password));
}

function hashOf(salt: Buffer, password: string): Buffer {
  return createHash("sha256").update(salt).update(password).digest();
}

/** Built-in users with their roles. */
const reserved: Readonly<Record<string, string>> = {
  elastic: "superuser",
  kibana: "kibana_system",
  kibana_system: "kibana_system",
  logstash_system: "logstash_system",
  beats_system: "beats_system",
  apm_system: "apm_system",
  remote_monitoring_user: "remote_monitoring_collector remote_monitoring_agent",
};

function reservedUser(username: string, roles: string): User {
  const isDeprecated = username === "kibana";
  return {
    username,
    roles: roles.split(" "),
    fullName: null,
    email: null,
    metadata: {
      ...(isDeprecated
        ? {
            _deprecated: true,
            _deprecated_reason: "Please use the [kibana_system] user instead.",
          }
        : {}),
      _reserved: true,
    },
    enabled: true,
  };
}

/** True for the name of a built-in user. */
export function isReservedUser(username: string): boolean {
  return Object.hasOwn(reserved, username);
}

/** All users by name. */
export class Users {
  readonly #users = new Map<string, StoredUser>();

  /** @param elasticPassword password of `elastic`; the other built-in users have none at first */
  constructor(elasticPassword: string) {
    for (const [username, roles] of Object.entries(reserved)) {
      const secret = username === "elastic" ? secretOf(elasticPassword) : undefined;
      const user = reservedUser(username, roles);
      this.#users.set(username, { user, realm: reservedRealm, secret });
    }
  }

  find(username: string): { readonly user: User; readonly realm: Realm } | undefined {
    return this.#users.get(username);
  }

  /** All users, the built-in ones first. */
  list(): User[] {
    return [...this.#users.values()].map(({ user }) => user);
  }

  /** The user with this password, who may be disabled; `undefined` when there is none. */
  withPassword(
    username: string,
    password: string,
  ): { readonly user: User; readonly realm: Realm } | undefined {
    const stored = this.#users.get(username);
    if (stored?.secret === undefined || !isSecret(stored.secret, password)) return undefined;
    return stored;
  }

  /** Stores a user; without a password the one of before stays. @returns whether it is new */
  put(user: User, password: string | undefined): boolean {
    const earlier = this.#users.get(user.username);
    const secret = password === undefined ? earlier?.secret : secretOf(password);
    this.#users.set(user.username, { user, realm: earlier?.realm ?? nativeRealm, secret });
    return earlier === undefined;
  }

  remove(username: string): boolean {
    return this.#users.delete(username);
  }
}
