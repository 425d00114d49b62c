/** What a caller may do: the roles that it has, within the limits of an API key. */
import { type ActionSet, actionSet } from "./action-set.ts";
import { clusterPrivilege } from "./cluster-privileges.ts";
import { commonPatterns, isCovered, isPatternCovered, type NameSet } from "./covered-names.ts";
import { failureStorePrivilege, indexPrivilege, isOfFailuresOnly } from "./index-privileges.ts";
import { namePattern } from "./name-pattern.ts";
import { isRestrictedIndex, restrictedNames } from "./restricted-indices.ts";
import type { Restrictions } from "./granted-parts.ts";
import { type MergedGrant, mergedGrants } from "./merged-grants.ts";
import type { RoleDescriptor } from "./role-descriptor.ts";

interface CompiledGrant {
  readonly names: readonly string[];
  /** It reaches indices of the system, too. */
  readonly isUnrestricted: boolean;
  readonly fits: (name: string) => boolean;
  readonly actions: readonly ActionSet[];
  /** Of failure stores, where there are none: they grant, and nothing can be reached by them. */
  readonly failureActions: readonly ActionSet[];
  /** False for privileges of failure stores alone, and for `none` alone, which is no grant. */
  readonly isOfDocuments: boolean;
  readonly mayUpdateMappings: boolean;
}

interface CompiledRole {
  readonly cluster: readonly ActionSet[];
  readonly indices: readonly CompiledGrant[];
  readonly mayRunAs: (user: string) => boolean;
}

interface CompiledPart extends Pick<CompiledGrant, "fits" | "actions"> {
  readonly grant: MergedGrant;
}

const compiledRoles = new WeakMap<RoleDescriptor, CompiledRole>();
const nothing = actionSet("");

/** Privileges of writing that grant changes of mappings, too, but for those of data streams. */
const mappingUpdates: ReadonlySet<string> = new Set([
  "indices:admin/mapping/auto_put",
  "indices:admin/mapping/put",
]);
const updatesMappings: ReadonlySet<string> = new Set(["create", "create_doc", "index", "write"]);

function compile(role: RoleDescriptor): CompiledRole {
  const known = compiledRoles.get(role);
  if (known !== undefined) return known;
  const compiled: CompiledRole = {
    cluster: role.cluster.map((name) => clusterPrivilege(name) ?? nothing),
    indices: role.indices.map((grant) => ({
      names: grant.names,
      isUnrestricted: grant.allow_restricted_indices,
      fits: anyOf(grant.names),
      actions: grant.privileges.map((name) => indexPrivilege(name) ?? nothing),
      failureActions: grant.privileges.flatMap((name) => failureStorePrivilege(name) ?? []),
      isOfDocuments:
        String([...new Set(grant.privileges)]).toLowerCase() !== "none" &&
        grant.privileges.some((name) => !isOfFailuresOnly(name)),
      mayUpdateMappings: grant.privileges.some((name) => updatesMappings.has(name.toLowerCase())),
    })),
    mayRunAs: anyOf(role.runAs),
  };
  compiledRoles.set(role, compiled);
  return compiled;
}

function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(namePattern);
  return (name) => tests.some((test) => test(name));
}

/** Alternatives, as one list; none when one of them is everything. */
function unlessAll<T>(alternatives: readonly (readonly T[] | undefined)[]): (readonly T[])[] {
  return alternatives.includes(undefined) ? [] : [alternatives.flatMap((list) => list ?? [])];
}

/** The privileges of roles together, as far as those of another permission go. */
export class Permission {
  readonly roles: readonly RoleDescriptor[];
  readonly limitedBy: Permission | undefined;
  readonly #compiled: readonly CompiledRole[];
  readonly #covering = new WeakMap<NameSet, readonly CompiledGrant[]>();
  #parts: readonly CompiledPart[] | undefined;

  /** @param limitedBy what is granted must be granted here too; `undefined`: no limit */
  constructor(roles: readonly RoleDescriptor[], limitedBy?: Permission) {
    this.roles = roles;
    this.limitedBy = limitedBy;
    this.#compiled = roles.map(compile);
  }

  allowsCluster(action: string): boolean {
    return (
      this.#compiled.some(({ cluster }) => cluster.some((set) => set.includes(action))) &&
      (this.limitedBy?.allowsCluster(action) ?? true)
    );
  }

  /** True when a privilege is granted by its name, whatever actions it stands for. */
  hasClusterPrivilege(name: string): boolean {
    return (
      this.roles.some(({ cluster }) => cluster.some((one) => one.toLowerCase() === name)) &&
      (this.limitedBy?.hasClusterPrivilege(name) ?? true)
    );
  }

  /** True when anything in the cluster is granted, by a privilege that stands for actions. */
  get hasSomeCluster(): boolean {
    const isSome = this.roles.some(({ cluster }) =>
      cluster.some((name) => name.toLowerCase() !== "manage_own_api_key"),
    );
    return isSome && (this.limitedBy?.hasSomeCluster ?? true);
  }

  /** True when the action is granted on some index, be it there or not. */
  allowsSomeIndex(action: string): boolean {
    return (
      this.#compiled.some(({ indices }) =>
        indices.some(
          ({ actions, failureActions, mayUpdateMappings }) =>
            [...actions, ...failureActions].some((set) => set.includes(action)) ||
            (mayUpdateMappings && mappingUpdates.has(action)),
        ),
      ) &&
      (this.limitedBy?.allowsSomeIndex(action) ?? true)
    );
  }

  /**
   * True when the action is granted.
   *
   * @param names of an index, alias or data stream, and of what it is part of
   * @param isOfStream one of them is a data stream
   */
  allowsIndex(names: readonly string[], action: string, isOfStream = false): boolean {
    const isMapping = mappingUpdates.has(action) && !isOfStream;
    return (
      this.#compiled.some(({ indices }) =>
        indices.some(
          ({ fits, actions, isUnrestricted, mayUpdateMappings }) =>
            names.some((name) => fits(name) && (isUnrestricted || !isRestrictedIndex(name))) &&
            ((isMapping && mayUpdateMappings) || actions.some((set) => set.includes(action))),
        ),
      ) &&
      (this.limitedBy?.allowsIndex(names, action, isOfStream) ?? true)
    );
  }

  /**
   * The part of an index that an action is granted on; `undefined`: all of it, or none.
   *
   * @param names of the index and of what it is part of
   */
  restrictionsOn(names: readonly string[], action: string): Restrictions | undefined {
    const outer = this.limitedBy?.restrictionsOn(names, action);
    const parts = this.#merged.filter(
      ({ fits, actions }) => names.some(fits) && actions.some((set) => set.includes(action)),
    );
    const queries = parts.map(({ grant }) => grant.queries);
    const fields = parts.map(({ grant }) => grant.fields);
    const all = {
      queries: [...unlessAll(queries), ...(outer?.queries ?? [])],
      fields: [...unlessAll(fields), ...(outer?.fields ?? [])],
    };
    const isEmpty = parts.length === 0 || (all.queries.length === 0 && all.fields.length === 0);
    return isEmpty ? outer : all;
  }

  /** Grants by their names, of which those with the same names are one. */
  get #merged(): readonly CompiledPart[] {
    return (this.#parts ??= mergedGrants(this.roles).map((grant) => ({
      grant,
      fits: anyOf(grant.names),
      actions: grant.privileges.map((name) => indexPrivilege(name) ?? nothing),
    })));
  }

  mayRunAs(user: string): boolean {
    return (
      this.#compiled.some(({ mayRunAs }) => mayRunAs(user)) &&
      (this.limitedBy?.mayRunAs(user) ?? true)
    );
  }

  /** True when everything that a set of actions holds is granted in the cluster. */
  coversCluster(wanted: ActionSet): boolean {
    const sets = this.#compiled.flatMap(({ cluster }) => cluster);
    return covers(sets, wanted) && (this.limitedBy?.coversCluster(wanted) ?? true);
  }

  /** As {@link coversIndices} of a privilege of failure stores. */
  coversFailures(names: NameSet, wanted: ActionSet): boolean {
    const sets = this.#grantsOn(names).flatMap(({ failureActions }) => failureActions);
    return covers(sets, wanted) && (this.limitedBy?.coversFailures(names, wanted) ?? true);
  }

  /**
   * True when everything that a set of actions holds is granted on all of some names.
   *
   * @param names as {@link askedNames} has them
   */
  coversIndices(names: NameSet, wanted: ActionSet): boolean {
    const grants = this.#grantsOn(names).filter(({ isOfDocuments }) => isOfDocuments);
    // Where nothing is granted, nothing is not granted either.
    return (
      grants.length > 0 &&
      covers(
        grants.flatMap(({ actions }) => actions),
        wanted,
      ) &&
      (this.limitedBy?.coversIndices(names, wanted) ?? true)
    );
  }

  /** True when nothing is granted on a name that is not granted on another one, too. */
  allowsNoMoreOn(name: string, than: string): boolean {
    const chain = this.#chain();
    const patterns = chain.map((one) => one.#patternsOn(name)).reduce(commonPatterns);
    const wanted = { patterns, excluded: [] };
    return chain.every((one) => {
      return isCovered(wanted, [{ patterns: one.#patternsOn(than), excluded: [] }]);
    });
  }

  /** This permission, and those that limit it. */
  #chain(): readonly Permission[] {
    return this.limitedBy === undefined ? [this] : [this, ...this.limitedBy.#chain()];
  }

  #patternsOn(name: string): readonly string[] {
    return this.#compiled
      .flatMap(({ indices }) => indices)
      .filter((grant) => grant.fits(name) && (grant.isUnrestricted || !isRestrictedIndex(name)))
      .flatMap(({ actions }) => actions.flatMap(({ patterns }) => patterns));
  }

  /** Grants, each of which is one on all of the names. */
  #grantsOn(names: NameSet): readonly CompiledGrant[] {
    let found = this.#covering.get(names);
    if (found === undefined) {
      found = this.#compiled
        .flatMap(({ indices }) => indices)
        .filter((grant) => isCovered(names, [namesOf(grant)]));
      this.#covering.set(names, found);
    }
    return found;
  }

  /**
   * True when a privilege of an application is granted on a resource.
   *
   * @param actionsOf those of privileges by their names, or actions themselves
   */
  coversApplication(
    [application, privilege, resource]: readonly [string, string, string],
    actionsOf: (application: string, privileges: readonly string[]) => readonly string[],
  ): boolean {
    const wanted = actionsOf(application, [privilege]);
    const isGranted = this.roles.some(({ applications }) =>
      applications.some((grant) => {
        if (!isPatternCovered(application, [grant.application])) return false;
        if (!isPatternCovered(resource, grant.resources)) return false;
        const { privileges } = grant;
        const isSame = grant.application === application && privileges.join() === privilege;
        const actions = actionsOf(application, privileges);
        return (
          isSame ||
          actions.includes("*") ||
          (wanted.length > 0 && wanted.every((action) => isPatternCovered(action, actions)))
        );
      }),
    );
    const isLimited =
      this.limitedBy?.coversApplication([application, privilege, resource], actionsOf) === false;
    return isGranted && !isLimited;
  }
}

/** The names of a grant; without those of the system where it does not reach them. */
function namesOf({ names, isUnrestricted }: CompiledGrant): NameSet {
  return { patterns: names, excluded: isUnrestricted ? [] : restrictedNames };
}

/**
 * The names that somebody asks about; `undefined`: none.
 *
 * @param isUnrestricted those of the system are meant, too, which they also are by themselves
 */
export function askedNames(pattern: string, isUnrestricted: boolean): NameSet | undefined {
  if (pattern === "") return undefined;
  const isOne = !pattern.includes("*") && !/^\/.*\/$/s.test(pattern);
  const isAll = isUnrestricted || (isOne && isRestrictedIndex(pattern));
  const names = { patterns: [pattern], excluded: isAll ? [] : restrictedNames };
  return isCovered(names, []) ? undefined : names;
}

/** Nothing is covered where anything at all is granted. */
function covers(sets: readonly ActionSet[], wanted: ActionSet): boolean {
  return wanted.patterns.length === 0 || isCovered(wanted, sets);
}
