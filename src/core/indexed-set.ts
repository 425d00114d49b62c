/**
 * A set of what comes and goes often, such as connections: `add` and `delete` take constant time.
 *
 * V8's own `Set` makes a new table each time that as many have come and gone as it has room for,
 * and the one that it gives up leads to the next. Once such a table has grown old, all that follow
 * outlive the collections of the young generation, and with them half of all members: a millisecond
 * becomes ten.
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

  /** Does nothing for who is no member. */
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
