import type { Node } from "./reference-json.ts";

/** Helpers for oracles that read facts from whole trees. Arrays are transparent: see `items`. */

export type ObjectNode = Node & { kind: "object" };

/** The node, or the elements of an array in any depth. */
export function* items(node: Node | undefined): Generator<Node> {
  if (node === undefined) return;
  if (node.kind !== "array") yield node;
  else for (const element of node.elements) yield* items(element);
}

/** The objects among {@link items}. */
export function* objects(node: Node | undefined): Generator<ObjectNode> {
  for (const item of items(node)) if (item.kind === "object") yield item;
}

/** The scalars among {@link items}. */
export function* scalars(node: Node | undefined): Generator<Node & { text: string }> {
  for (const item of items(node)) if (item.kind !== "object" && item.kind !== "array") yield item;
}

/** Values of all members with a name: equal names occur in mutated texts. */
export function* members(node: Node | undefined, ...path: string[]): Generator<Node> {
  const [name, ...rest] = path;
  if (name === undefined) {
    if (node !== undefined) yield node;
    return;
  }
  for (const object of objects(node))
    for (const member of object.members)
      if (member.name === name) yield* members(member.value, ...rest);
}

/** Scalars below a path. */
export function* values(
  node: Node | undefined,
  ...path: string[]
): Generator<Node & { text: string }> {
  for (const value of members(node, ...path)) yield* scalars(value);
}

export function isLiteral(node: Node, word: string): boolean {
  return node.kind === "literal" && node.text === word;
}

/** The text of a scalar as a string; trees hold latin1. */
export function textOf(node: Node): string {
  if (node.kind === "object" || node.kind === "array") return "";
  return Buffer.from(node.text, "latin1").toString("utf8");
}

/** The number in a scalar, also in quotes. */
export function numberIn(node: Node): number | undefined {
  if (node.kind === "literal" || node.kind === "object" || node.kind === "array") return undefined;
  const text = textOf(node);
  const value = text.length > 40 || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Counts by key, in the order in which keys came first. */
export class Counts<Key extends object> {
  readonly #counts = new Map<string, Key & { count: number }>();

  add(key: Key): void {
    const name = JSON.stringify(key);
    const known = this.#counts.get(name);
    if (known === undefined) this.#counts.set(name, { ...key, count: 1 });
    else known.count += 1;
  }

  get list(): (Key & { count: number })[] {
    return [...this.#counts.values()];
  }
}
