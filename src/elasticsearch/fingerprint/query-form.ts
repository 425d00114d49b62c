/** The form of a query in ES|QL, SQL or EQL, item by item; what the three languages fold alike. */

/**
 * - `value`: stands for a literal;
 * - `keyword`: a word of the language; `operand`: names and what else can be calculated with;
 * - `mark`: operators, brackets, commas.
 */
export type FormItemKind = "value" | "keyword" | "operand" | "mark";

export interface FormItem {
  readonly kind: FormItemKind;
  readonly text: string;
}

export const value: FormItem = { kind: "value", text: "?" };

export function isMark(item: FormItem | undefined, text: string): boolean {
  return item?.kind === "mark" && item.text === text;
}

/** Takes signs into the values behind them: `a > -5` becomes `a > ?`, `a - 5` stays. */
export function foldSigns(items: readonly FormItem[]): FormItem[] {
  const folded: FormItem[] = [];
  for (const item of items) {
    // `- -5` has two signs.
    while (item.kind === "value" && isSign(folded.at(-1)) && !endsOperand(folded.at(-2))) {
      folded.pop();
    }
    folded.push(item);
  }
  return folded;
}

function isSign(item: FormItem | undefined): boolean {
  return isMark(item, "-") || isMark(item, "+");
}

/** Whether a sign behind the item joins two operands. */
function endsOperand(item: FormItem | undefined): boolean {
  if (item?.kind === "mark") return isClosing(item);
  return item?.kind === "value" || item?.kind === "operand";
}

/** `[1, 2, 3]`: an array of values is a value. */
export function foldArrays(items: readonly FormItem[]): FormItem[] {
  const folded: FormItem[] = [];
  for (const item of items) {
    folded.push(item);
    if (!isMark(item, "]")) continue;
    let at = folded.length - 2;
    while (folded[at]?.kind === "value" || isMark(folded[at], ",")) at -= 1;
    if (!isMark(folded[at], "[") || folded[at - 1]?.kind === "operand") continue;
    folded.length = at;
    folded.push(value);
  }
  return folded;
}

/**
 * Writes one value for all values of a list in round brackets: `IN (1, 2, x)` becomes `IN (?, x)`.
 *
 * @param takesList whether the item before the bracket is followed by a list of any length
 */
export function foldLists(
  items: readonly FormItem[],
  takesList: (before: FormItem | undefined) => boolean,
): FormItem[] {
  const folded: FormItem[] = [];
  /** For each open bracket, whether a value of its list was seen; undefined: no such list. */
  const lists: (boolean | undefined)[] = [];
  for (const [at, item] of items.entries()) {
    if (isOpening(item)) {
      const isList = item.text === "(" && takesList(items[at - 1]);
      lists.push(isList ? false : undefined);
    } else if (isClosing(item)) lists.pop();
    else if (lists.at(-1) !== undefined && item.kind === "value" && isWholeElement(items, at)) {
      if (lists.at(-1) === true) {
        // The comma before it goes as well.
        if (isMark(folded.at(-1), ",")) folded.pop();
        continue;
      }
      lists[lists.length - 1] = true;
    }
    folded.push(item);
  }
  return folded;
}

function isOpening(item: FormItem): boolean {
  return item.kind === "mark" && (item.text === "(" || item.text === "[" || item.text === "{");
}

function isClosing(item: FormItem): boolean {
  return item.kind === "mark" && (item.text === ")" || item.text === "]" || item.text === "}");
}

function isWholeElement(items: readonly FormItem[], at: number): boolean {
  const [before, behind] = [items[at - 1], items[at + 1]];
  return (
    (isMark(before, "(") || isMark(before, ",")) && (isMark(behind, ")") || isMark(behind, ","))
  );
}

/** Writes the items with spaces where a reader expects them. */
export function formText(items: readonly FormItem[]): string {
  let text = "";
  let before: FormItem | undefined;
  for (const item of items) {
    if (before !== undefined && isSpaced(before, item)) text += " ";
    text += item.text;
    before = item;
  }
  return text;
}

function isSpaced(before: FormItem, item: FormItem): boolean {
  if (before.kind === "mark" && tightBehind.has(before.text)) return false;
  if (item.kind !== "mark") return true;
  // Functions and array indices stand close to their names.
  if (item.text === "(" || item.text === "[") return before.kind !== "operand";
  return !tightBefore.has(item.text);
}

const tightBefore: ReadonlySet<string> = new Set([",", ")", "]", "}", ".", "::", ":", ";"]);
/** `!` and `?` stand before steps and fields of EQL. */
const tightBehind: ReadonlySet<string> = new Set(["(", "[", "{", ".", "::", "!", "?"]);
