/** What roles may hold, and how they are shown. */
import type { JsonObject } from "../json/json-value.ts";
import { applicationProblem, grantedPrivilegeProblem } from "./application-names.ts";
import { clusterPrivilege, clusterPrivilegeNames } from "./cluster-privileges.ts";
import { indexPrivilege, indexPrivilegeNames } from "./index-privileges.ts";
import { isPattern } from "./name-pattern.ts";
import type { IndexGrant, RoleDescriptor } from "./role-descriptor.ts";

const maxDescription = 1000;

/** What is wrong with what a role grants and says, in the order in which the server tells it. */
export function roleProblems(role: RoleDescriptor): string[] {
  const { cluster, indices, applications, metadata, description = "" } = role;
  return [
    ...cluster.filter((name) => clusterPrivilege(name) === undefined).map(unknownCluster),
    ...indices.flatMap(grantProblem),
    ...applications.flatMap(({ application, privileges }) => [
      ...[applicationProblem(application, true) ?? []].flat(),
      ...privileges.flatMap((name) => grantedPrivilegeProblem(name) ?? []),
    ]),
    ...(Object.keys(metadata).some((key) => key.startsWith("_"))
      ? ["role descriptor metadata keys may not start with [_]"]
      : []),
    ...(description.length > maxDescription
      ? [`Role description must be less than ${maxDescription} characters.`]
      : []),
  ];
}

/** Of the privileges of a grant only the first that is none is told. */
function grantProblem({ names, privileges }: IndexGrant): string[] {
  const unknown = privileges.find((name) => indexPrivilege(name) === undefined);
  const broken = names.find((name) => !isPattern(name));
  return [
    ...(unknown === undefined ? [] : [unknownIndex(unknown)]),
    ...(broken === undefined ? [] : [`invalid regular expression pattern [${broken}]`]),
  ];
}

/** What the server says of a cluster privilege that is none. */
export function unknownCluster(name: string): string {
  return `unknown cluster privilege [${name.toLowerCase()}]. a privilege must be either one of the predefined cluster privilege names [${clusterPrivilegeNames.join(",")}] or a pattern over one of the available cluster actions`;
}

/** What the server says of an index privilege that is none. */
export function unknownIndex(name: string): string {
  return `unknown index privilege [${name.toLowerCase()}]. a privilege must be either one of the predefined fixed indices privileges [${indexPrivilegeNames.toSorted().join(",")}] or a pattern over one of the available index actions`;
}

/** A role as the server shows it. */
export function shownRole(role: RoleDescriptor): JsonObject {
  const { cluster, indices, applications, runAs, metadata, description, shownOnly } = role;
  const { global, ...remote } = shownOnly;
  return {
    cluster,
    ...(global === undefined ? {} : { global }),
    indices,
    applications,
    run_as: runAs,
    metadata,
    transient_metadata: role.name === "superuser" ? {} : { enabled: true },
    ...remote,
    ...(description === undefined ? {} : { description }),
  };
}
