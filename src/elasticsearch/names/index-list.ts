/** Splitting of comma-separated lists of index expressions. */

/** Items of a list, of which only the first are kept. */
export interface IndexList {
  /** The first items, in order, not empty, as written. */
  readonly items: readonly string[];
  /** How many items the list has; empty ones do not count. */
  readonly total: number;
}

/** A request may name a million indices; nobody reads more than these, the rest is counted. */
export const maxListItems = 1000;

/**
 * Splits a list at commas outside date math (`<…>`) and outside quotes.
 *
 * `<` opens date math only at the start of an item (after `-` or `cluster:`), and `>` closes it
 * only before a comma, a selector (`::`) or the end; a quoted item is split again, because ES|QL
 * and SQL allow `"a,b*"`. Time is linear in the length of the text.
 *
 * @param limit items to keep
 */
export function splitIndexList(text: string, limit: number = maxListItems): IndexList {
  const items: string[] = [];
  let total = 0;
  const add = (item: string): void => {
    if (item === "") return;
    total += 1;
    if (items.length < limit) items.push(item);
  };
  if (!/[<"]/.test(text)) return splitAtCommas(text, limit);
  const scan = new ItemScan(text, true);
  while (scan.next()) {
    if (!scan.isQuoted) {
      add(text.slice(scan.start, scan.end));
      continue;
    }
    const inner = new ItemScan(text.slice(scan.start + 1, scan.end - 1), false);
    while (inner.next()) add(inner.text.slice(inner.start, inner.end));
  }
  return { items, total };
}

const emptyItem = /^,|,,|,$/;
/** A comma within `<…>`, or a `>` that closes nothing. Linear: each part is read once. */
const openAngle = /<[^<>]*(?:,|$)|>(?!,|::|$)/;

/**
 * Whether splitting the list at each comma gives its items: no quotes, no commas within date math,
 * nothing empty. Whoever needs the list as a whole need not split it then.
 */
export function isSimpleList(text: string): boolean {
  return !text.includes('"') && !emptyItem.test(text) && !openAngle.test(text);
}

/** A list without date math and quotes. Commas that follow each other make no items. */
function splitAtCommas(text: string, limit: number): IndexList {
  const items: string[] = [];
  let total = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && text.charCodeAt(at) !== comma) continue;
    if (at > start) {
      if (total < limit) items.push(text.slice(start, at));
      total += 1;
    }
    start = at + 1;
  }
  return { items, total };
}

const comma = 0x2c;
const dateMathOpen = /(?:[^,:"<]*:)?-?</y;

/** Walks over the items of one text. The two close positions only grow, so time is linear. */
class ItemScan {
  readonly text: string;
  start = 0;
  end = -1;
  isQuoted = false;
  readonly #splitsQuotes: boolean;
  #dateMathClose = -1;
  #quoteClose = -1;

  constructor(text: string, splitsQuotes: boolean) {
    this.text = text;
    this.#splitsQuotes = splitsQuotes;
  }

  next(): boolean {
    this.start = this.end + 1;
    if (this.start > this.text.length) return false;
    this.isQuoted = false;
    let from = this.start;
    if (this.#splitsQuotes && this.text[from] === '"') {
      const close = this.#closingQuote(from + 1);
      if (close < this.text.length) {
        this.isQuoted = true;
        this.end = close + 1;
        return true;
      }
    }
    const open = this.#dateMathStart(from);
    if (open >= 0) {
      const close = this.#closingAngle(open + 1);
      if (close < this.text.length) from = close + 1;
    }
    const comma = this.text.indexOf(",", from);
    this.end = comma < 0 ? this.text.length : comma;
    return true;
  }

  /** Position of the `<` of an item that begins with `<`, `-<`, `cluster:<` or `cluster:-<`. */
  #dateMathStart(from: number): number {
    dateMathOpen.lastIndex = from;
    return dateMathOpen.test(this.text) ? dateMathOpen.lastIndex - 1 : -1;
  }

  #closingAngle(from: number): number {
    while (this.#dateMathClose < from) {
      this.#dateMathClose = this.#closeFrom(">", Math.max(from, this.#dateMathClose + 1));
    }
    return this.#dateMathClose;
  }

  #closingQuote(from: number): number {
    while (this.#quoteClose < from) {
      this.#quoteClose = this.#closeFrom('"', Math.max(from, this.#quoteClose + 1));
    }
    return this.#quoteClose;
  }

  /** The next `mark` that ends an item; the text's length when there is none. */
  #closeFrom(mark: string, from: number): number {
    let at = this.text.indexOf(mark, from);
    while (at >= 0) {
      const after = this.text[at + 1];
      if (after === undefined || after === "," || (after === ":" && this.text[at + 2] === ":")) {
        return at;
      }
      at = this.text.indexOf(mark, at + 1);
    }
    return this.text.length;
  }
}
