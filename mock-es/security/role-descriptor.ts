/** What a role is. */
import type { JsonObject } from "../json/json-value.ts";
import type { FieldGrant } from "./granted-parts.ts";

/** What a role grants on indices. */
export interface IndexGrant {
  readonly names: readonly string[];
  readonly privileges: readonly string[];
  /** Fields that are granted; absent: all. */
  readonly field_security?: FieldGrant;
  /** Query that granted documents match, as JSON text; absent: all are granted. */
  readonly query?: string;
  /** Indices of the system too, of which this mock has none. */
  readonly allow_restricted_indices: boolean;
}

/** What a role grants in an application, which only the application knows the meaning of. */
export interface ApplicationGrant {
  readonly application: string;
  readonly privileges: readonly string[];
  readonly resources: readonly string[];
}

/** A role, or the part of an API key that looks like one. */
export interface RoleDescriptor {
  readonly name: string;
  readonly cluster: readonly string[];
  readonly indices: readonly IndexGrant[];
  readonly applications: readonly ApplicationGrant[];
  readonly runAs: readonly string[];
  readonly metadata: JsonObject;
  readonly description: string | undefined;
  /** Of built-in roles: grants on other clusters, which are shown and grant nothing here. */
  readonly shownOnly: JsonObject;
}
