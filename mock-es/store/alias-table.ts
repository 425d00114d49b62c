/** Which indices the aliases of a cluster lead to. */
import { EsError, illegalArgument } from "../es-error.ts";
import { type AliasMetadata, toAliasMetadata } from "./alias-metadata.ts";
import type { IndexDefinition } from "./index-builder.ts";
import { checkAliasName } from "./index-name.ts";
import type { DataStream, IndexState } from "./index-state.ts";

/** What can have aliases: those of a data stream lead to all of its indices. */
export type AliasOwner = IndexState | DataStream;

/** All aliases, each with the indices that it leads to. */
export class AliasTable {
  readonly #members = new Map<string, Set<IndexState>>();

  /** Indices behind an alias, `undefined` when there is no such alias. */
  indicesOf(alias: string): ReadonlySet<IndexState> | undefined {
    return this.#members.get(alias);
  }

  names(): Iterable<string> {
    return this.#members.keys();
  }

  /** @throws {EsError} 500 where indices and data streams would share an alias */
  set(owner: AliasOwner, alias: string, metadata: AliasMetadata): void {
    this.checkShared(alias, "backing" in owner);
    owner.aliases.set(alias, metadata);
    for (const member of membersOf(owner)) this.#add(alias, member);
  }

  remove(owner: AliasOwner, alias: string): void {
    owner.aliases.delete(alias);
    for (const member of membersOf(owner)) this.#drop(alias, member);
  }

  /** To be called when an index has become one of a data stream. */
  join(index: IndexState): void {
    for (const alias of index.reachedBy.keys()) this.#add(alias, index);
  }

  /** To be called before an index leaves its data stream, or is deleted. */
  leave(index: IndexState): void {
    for (const alias of index.reachedBy.keys()) this.#drop(alias, index);
  }

  /** @throws {EsError} 500 where indices and data streams would share an alias */
  checkShared(alias: string, isOfStream: boolean): void {
    const [member] = this.#members.get(alias) ?? [];
    if (member === undefined || (member.dataStream !== undefined) === isOfStream) return;
    throw new EsError(
      500,
      "illegal_state_exception",
      `index, alias, and data stream names need to be unique, but the following duplicates were found [data stream alias and indices alias have the same name (${alias})]`,
    );
  }

  #add(alias: string, member: IndexState): void {
    const members = this.#members.get(alias);
    if (members === undefined) this.#members.set(alias, new Set([member]));
    else members.add(member);
  }

  #drop(alias: string, member: IndexState): void {
    const members = this.#members.get(alias);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(alias);
  }
}

function membersOf(owner: AliasOwner): readonly IndexState[] {
  return "backing" in owner ? owner.backing : [owner];
}

/**
 * The aliases that layers of a definition give to a new index or data stream.
 *
 * @param toName the name that an alias is given for
 * @throws {EsError} 400 for a name that an alias cannot have
 */
export function aliasesIn(
  layers: readonly IndexDefinition[],
  isTaken: (name: string) => boolean,
  toName: (alias: string) => string,
): ReadonlyMap<string, AliasMetadata> {
  const aliases = new Map<string, AliasMetadata>();
  for (const layer of layers)
    for (const [alias, metadata] of Object.entries(layer.aliases ?? {}))
      aliases.set(toName(alias), toAliasMetadata(metadata));
  for (const alias of aliases.keys()) {
    if (alias === "") throw illegalArgument("alias name is required");
    checkAliasName(alias);
    if (isTaken(alias)) throw takenAlias(alias);
  }
  return aliases;
}

/** The refusal of an alias with the name of something else. */
export function takenAlias(alias: string): EsError {
  return new EsError(
    400,
    "invalid_alias_name_exception",
    `Invalid alias name [${alias}]: an index, data stream, ESQL view, or ESQL dataset exists with the same name as the alias`,
  );
}
