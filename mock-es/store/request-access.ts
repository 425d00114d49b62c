/** What the caller of the request that is being answered may touch. */
import { illegalArgument } from "../es-error.ts";
import { actionDenied } from "../security/denial.ts";
import { type Caller, ownerOf } from "../security/caller.ts";
import { type Clocked, resolveDateMath } from "./date-math-name.ts";
import type { DataStream, IndexState } from "./index-state.ts";

/** How a document is written. */
export type WriteOperation = "index" | "create" | "update" | "delete";

const writeActions: Readonly<Record<WriteOperation, string>> = {
  index: "indices:data/write/index:op_type/index",
  create: "indices:data/write/index:op_type/create",
  update: "indices:data/write/update",
  delete: "indices:data/write/delete",
};

/** The indices and data streams that there are, and what dates in names are read by. */
interface IndexNames extends Clocked {
  readonly indices: ReadonlyMap<string, IndexState>;
  readonly dataStreams: ReadonlyMap<string, DataStream>;
}

/** Access of one caller for one action. */
export class RequestAccess {
  readonly caller: Caller;
  /** What is done with the indices that the request leads to; `undefined`: nothing. */
  readonly action: string | undefined;
  readonly #names: IndexNames;

  constructor(names: IndexNames, caller: Caller, action: string | undefined) {
    this.#names = names;
    this.caller = caller;
    this.action = action;
  }

  /** Whom searches that are kept open belong to. */
  get owner(): string {
    return ownerOf(this.caller);
  }

  /**
   * True when the action is granted on an index, alias or data stream, be it there or not.
   *
   * @throws {EsError} 400 for a name with a date that cannot be read
   */
  allows(name: string, action: string | undefined = this.action): boolean {
    return action === undefined || this.#isGranted(resolveDateMath(this.#names, name), action);
  }

  #isGranted(name: string, action: string): boolean {
    const { indices, dataStreams } = this.#names;
    const stream = indices.get(name)?.dataStream?.name;
    const names = stream === undefined ? [name] : [name, stream];
    const isOfStream = stream !== undefined || dataStreams.has(name);
    return this.caller.permission.allowsIndex(names, action, isOfStream);
  }

  /** @throws {EsError} 403 when the action is not granted on all of the names */
  check(names: readonly string[], action: string | undefined = this.action): void {
    const denied = names.filter((name) => !this.allows(name, action));
    if (denied.length > 0 && action !== undefined) throw actionDenied(this.caller, action, denied);
  }

  /**
   * @param names those of a whole request; patterns lead to what is granted
   * @throws {EsError} 403 when the action is granted on no index, or not on all names
   */
  checkNames(names: readonly string[]): void {
    const { action } = this;
    if (action !== undefined && !this.caller.permission.allowsSomeIndex(action))
      throw actionDenied(this.caller, action, names);
    // Names with dates are checked where they are read.
    this.check(names.filter((name) => !/^<|\*|^_all$/.test(name)));
  }

  /** @throws {EsError} 403, which names none of them, when an alias may not be touched */
  checkAliases(names: readonly string[], action = this.action): void {
    // Dates in them are not looked at.
    if (action !== undefined && names.some((name) => !this.#isGranted(name, action)))
      throw actionDenied(this.caller, action);
  }

  /**
   * Checks the write of one document.
   *
   * @param together names of what goes to the same shard with it
   * @throws {EsError} 403 when a document may not be written so, or its index not be made
   */
  checkWrite(
    name: string,
    operation: WriteOperation,
    isThere: boolean,
    together: readonly string[] = [name],
  ): void {
    const isUpdate = operation === "update" && this.action === writeActions.update;
    if (!isThere) {
      const creation = isUpdate ? "indices:admin/create" : "indices:admin/auto_create";
      refusePatterns(creation, name);
      this.check([name], creation);
    }
    this.check(together, "indices:data/write/bulk[s]");
    this.check([name], writeActions[operation]);
  }

  /** @throws {EsError} 403 when a document may not bring new fields, neither by an alias */
  checkNewFields({ name, reachedBy }: IndexState): void {
    const action = "indices:admin/mapping/auto_put";
    if (![name, ...reachedBy.keys()].some((one) => this.allows(one, action)))
      throw actionDenied(this.caller, action);
  }

  /** @throws {EsError} 403 when an action of no index is not granted */
  requireCluster(action: string): void {
    if (!this.caller.permission.allowsCluster(action)) throw actionDenied(this.caller, action);
  }
}

/**
 * Refuses patterns where security takes a name only.
 *
 * @throws {EsError} 400
 */
export function refusePatterns(action: string, name: string): void {
  const refused =
    name === "_all" || name === ""
      ? `accessing all indices; the provided index expression [${name}] is not allowed`
      : `wildcards; the provided index expression(s) [${name}] are not allowed`;
  if (name === "_all" || name.includes("*"))
    throw illegalArgument(`the action ${action} does not support ${refused}`);
}
