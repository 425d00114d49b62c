/** Everything that the security of one mock keeps. */
import type { JsonObject } from "../json/json-value.ts";
import { ApiKeys } from "./api-keys.ts";
import { Permission } from "./permission.ts";
import { reservedRoles } from "./reserved-roles.ts";
import type { RoleDescriptor } from "./role.ts";
import { Tokens } from "./tokens.ts";
import { type User, Users } from "./users.ts";

/** Options of security. */
export interface SecurityOptions {
  /** Password of the user `elastic`. */
  readonly elasticPassword: string;
}

/** Users, roles, keys and tokens. */
export class Security {
  readonly users: Users;
  readonly apiKeys = new ApiKeys();
  readonly tokens = new Tokens();
  /** Roles that requests have made. */
  readonly roles = new Map<string, RoleDescriptor>();
  /** Role mappings, as they were given. */
  readonly roleMappings = new Map<string, JsonObject>();

  constructor({ elasticPassword }: SecurityOptions) {
    this.users = new Users(elasticPassword);
  }

  findRole(name: string): RoleDescriptor | undefined {
    return reservedRoles.get(name) ?? this.roles.get(name);
  }

  /** The roles of a user, and names of those that there are not. */
  rolesOf({ roles, enabled }: User): {
    readonly found: readonly RoleDescriptor[];
    readonly missing: readonly string[];
  } {
    const names = enabled ? roles : [];
    return {
      found: names.flatMap((name) => this.findRole(name) ?? []),
      missing: names.filter((name) => this.findRole(name) === undefined),
    };
  }

  permissionOf(user: User): Permission {
    return new Permission(this.rolesOf(user).found);
  }
}
