/** The built-in roles, and which names no other role may have. */
import type { JsonObject } from "../json/json-value.ts";
import { reservedRoleText } from "./reserved-role-text.ts";
import type { ApplicationGrant, IndexGrant, RoleDescriptor } from "./role-descriptor.ts";

function readReservedRoles(): Map<string, RoleDescriptor> {
  const roles = new Map<string, RoleDescriptor>();
  for (const part of reservedRoleText
    .replaceAll("\n ", " ")
    .split(/^role /m)
    .slice(1)) {
    const [name = "", ...lines] = part.trimEnd().split("\n");
    roles.set(name, readReservedRole(name, lines));
  }
  return roles;
}

function readReservedRole(name: string, lines: readonly string[]): RoleDescriptor {
  const entries = lines.map((line): [string, string] => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1)];
  });
  const wordsOf = (kind: string): string[] =>
    entries.filter(([key]) => key === kind).flatMap(([, value]) => value.split(" "));
  const jsonOf = (kind: string): JsonObject | undefined => {
    const found = entries.find(([key]) => key === kind)?.[1];
    return found === undefined ? undefined : (JSON.parse(found) as JsonObject);
  };
  const indices: IndexGrant[] = [];
  const applications: ApplicationGrant[] = [];
  for (const [kind, value] of entries) {
    const [first = "", privileges = "", resources = ""] = value.split(" | ");
    if (kind === "index" || kind === "restricted")
      indices.push({
        names: first.split(" "),
        privileges: privileges.split(" "),
        allow_restricted_indices: kind === "restricted",
      });
    if (kind === "application")
      applications.push({
        application: first,
        privileges: privileges.split(" "),
        resources: resources.split(" "),
      });
  }
  const shown = ["global", "remote_indices", "remote_cluster"].flatMap((kind) => {
    const value = jsonOf(kind);
    return value === undefined ? [] : [[kind, value] as const];
  });
  return {
    name,
    cluster: wordsOf("cluster"),
    indices,
    applications,
    runAs: wordsOf("run_as"),
    metadata: { ...jsonOf("metadata"), _reserved: true },
    description: undefined,
    shownOnly: Object.fromEntries(shown),
  };
}

/** Built-in roles by name. */
export const reservedRoles: ReadonlyMap<string, RoleDescriptor> = readReservedRoles();
