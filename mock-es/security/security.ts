/** Everything that the security of one mock keeps. */
import { toTexts } from "../json/coerce.ts";
import type { JsonObject } from "../json/json-value.ts";
import { ApiKeys } from "./api-keys.ts";
import { Permission } from "./permission.ts";
import { reservedRoles } from "./reserved-roles.ts";
import type { RoleDescriptor } from "./role-descriptor.ts";
import { Tokens } from "./tokens.ts";
import { type User, Users } from "./users.ts";

/** Options of security. */
export interface SecurityOptions {
  /** Password of the user `elastic`. */
  readonly elasticPassword: string;
  /**
   * Tokens are issued and taken, as with a licence that has them. @default false: refused as with a
   * basic licence
   */
  readonly tokens?: boolean;
  /**
   * Roles may grant documents by a query, and fields, as with a licence that has that. @default
   * false: refused as with a basic licence
   */
  readonly documents?: boolean;
}

/** Users, roles, keys and tokens. */
export class Security {
  readonly users: Users;
  readonly hasTokens: boolean;
  /** Documents and fields may be granted. */
  readonly grantsParts: boolean;
  readonly apiKeys = new ApiKeys();
  readonly tokens = new Tokens();
  /** Roles that requests have made. */
  readonly roles = new Map<string, RoleDescriptor>();
  /** Privileges by the names of their applications and their own. */
  readonly applicationPrivileges = new Map<string, Map<string, JsonObject>>();

  /** Actions of an application's privileges; what is not a name is an action itself. */
  actionsOf(application: string, privileges: readonly string[]): readonly string[] {
    const known = this.applicationPrivileges.get(application);
    return privileges.flatMap((privilege) =>
      /^[a-z][a-zA-Z0-9_.-]*$/.test(privilege)
        ? toTexts(known?.get(privilege)?.["actions"])
        : [privilege],
    );
  }
  /** Role mappings, as they were given. */
  readonly roleMappings = new Map<string, JsonObject>();

  constructor({ elasticPassword, tokens = false, documents = false }: SecurityOptions) {
    this.hasTokens = tokens;
    this.grantsParts = documents;
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
