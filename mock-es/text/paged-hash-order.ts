/** The order in which a hash map of Elasticsearch's own lists its texts. */
import { hashOf } from "./hash-order.ts";

/** Part of the slots that may be taken. */
const load = Math.fround(0.6);

/**
 * Texts as a map with linear probing lists them that they are put into one by one (ES
 * ObjectObjectPagedHashMap).
 *
 * @param expected texts that the map is made for
 */
export function inPagedHashOrder(texts: Iterable<string>, expected: number): string[] {
  let capacity = 1;
  while (capacity < 1 + Math.trunc(Math.fround(expected / load))) capacity *= 2;
  let slots: (string | undefined)[] = Array.from({ length: capacity });
  const put = (text: string): void => {
    let at = hashOf(text) & (slots.length - 1);
    while (slots[at] !== undefined) at = (at + 1) & (slots.length - 1);
    slots[at] = text;
  };
  const putAgain = (at: number): void => {
    const text = slots[at];
    slots[at] = undefined;
    if (text !== undefined) put(text);
  };
  const known = new Set<string>();
  for (const text of texts) {
    if (known.has(text)) continue;
    if (known.size >= Math.trunc(Math.fround(slots.length * load))) {
      const before = slots.length;
      slots = [...slots, ...Array.from({ length: before }, () => undefined)];
      // In place: those that had gone round the end stand behind it now, and are put once more.
      for (let at = 0; at < before; at++) putAgain(at);
      for (let at = before; slots[at] !== undefined; at++) putAgain(at);
    }
    known.add(text);
    put(text);
  }
  return slots.filter((text) => text !== undefined);
}
