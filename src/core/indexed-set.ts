/**
 * Intrusive set with `add` and `delete` in constant time, for what comes and goes often, such as
 * connections.
 *
 * Not a V8 `Set`: its retired hash tables form a chain (`OrderedHashTable::SetNextTable` in V8's
 * src/objects/ordered-hash-table.h). Once one of them is in the old generation, all that follow it
 * survive the scavenges, and with them half of all members: a scavenge of 1 ms took 10 ms.
 *
 * @typeParam K the members' field for their index, which belongs to the collection; -1: not a
 *   member.
 */
export class IndexedSet<K extends string, T extends Record<K, number>> implements Iterable<T> {
  readonly #members: T[] = [];
  readonly #key: K;

  constructor(key: K) {
    this.#key = key;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Does nothing for a member. */
  add(member: T): void {
    if (member[this.#key] !== -1) return;
    this.#put(member, this.#members.length);
  }

  /** Does nothing for an object that is no member. */
  delete(member: T): void {
    const index: number = member[this.#key];
    if (index === -1) return;
    const last = this.#members.pop();
    if (last !== undefined && last !== member) this.#put(last, index);
    this.#mark(member, -1);
  }

  clear(): void {
    for (const member of this.#members) this.#mark(member, -1);
    this.#members.length = 0;
  }

  /**
   * From the youngest to the oldest, so that any may be deleted meanwhile; one may come twice then.
   */
  *[Symbol.iterator](): Iterator<T> {
    const members = this.#members;
    for (let at = members.length - 1; at >= 0; at -= 1) {
      const member = members[at];
      if (member !== undefined) yield member;
    }
  }

  #put(member: T, index: number): void {
    this.#members[index] = member;
    this.#mark(member, index);
  }

  #mark(member: Record<K, number>, index: number): void {
    member[this.#key] = index;
  }
}
