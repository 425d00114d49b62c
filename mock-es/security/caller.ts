/** Who sends a request. */
import type { ApiKey } from "./api-keys.ts";
import type { Permission } from "./permission.ts";
import type { Realm, User } from "./users.ts";

/** A caller that has proven who it is. */
export interface Caller {
  /** In whose name the request is made. */
  readonly user: User;
  readonly realm: Realm;
  /** Who has proven to be there; differs from {@link user} when it runs as another. */
  readonly authenticated: { readonly user: User; readonly realm: Realm };
  readonly type: "realm" | "api_key" | "token";
  /** The API key that was shown; `undefined`: none. */
  readonly apiKey: ApiKey | undefined;
  /** Names of the roles that there are. */
  readonly roleNames: readonly string[];
  /** Names of roles that the user has and that there are not. */
  readonly missingRoles: readonly string[];
  /** The same of the authenticated user; {@link missingRoles} unless it runs as another. */
  readonly ownMissingRoles: readonly string[];
  readonly permission: Permission;
  /** What the authenticated user may do; {@link permission} unless it runs as another. */
  readonly ownPermission: Permission;
  /** `undefined`: it does not run as another. */
  readonly runAs: string | undefined;
}

/** Whom scrolls, points in time and asynchronous searches belong to. */
export function ownerOf({ user, realm, apiKey }: Caller): string {
  return apiKey === undefined ? `${realm.name}/${user.username}` : `key/${apiKey.id}`;
}
