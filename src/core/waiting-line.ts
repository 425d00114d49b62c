/** First in, first out, with `take` in constant time. */
export class WaitingLine<T extends object> {
  #members: (T | undefined)[] = [];
  #next = 0;

  get size(): number {
    return this.#members.length - this.#next;
  }

  add(member: T): void {
    this.#members.push(member);
  }

  take(): T | undefined {
    if (this.#next === this.#members.length) return undefined;
    const member = this.#members[this.#next];
    this.#members[this.#next] = undefined;
    this.#next += 1;
    // Half of the list is behind: cut it off, so that it does not grow for ever.
    if (this.#next * 2 >= this.#members.length) {
      this.#members.splice(0, this.#next);
      this.#next = 0;
    }
    return member;
  }
}
