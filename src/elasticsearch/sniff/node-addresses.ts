/** Finds the HTTP addresses in an answer of the nodes info API. */
import { Buffer } from "node:buffer";
import { JsonScanner } from "../body/json-scanner.ts";
import { jsonKind } from "../body/json-visitor.ts";
import type { JsonKind, JsonVisitor } from "../body/json-visitor.ts";

/** An address of a node, and where it stands. */
export interface NodeAddress {
  /** Index of its first quote, and behind its last one. */
  readonly start: number;
  readonly end: number;
  readonly address: string;
  /** `publish_address`, which clients use; else one of `bound_address`. */
  readonly isPublished: boolean;
}

/** Clusters have some hundred nodes at most; a list beyond this is not read. */
const maxAddresses = 20_000;
const nodesName = Buffer.from("nodes");
const httpName = Buffer.from("http");
const publishName = Buffer.from("publish_address");
const boundName = Buffer.from("bound_address");

/**
 * The addresses in `nodes.*.http.publish_address` and `nodes.*.http.bound_address`, in the order of
 * the text; undefined: it is no JSON object that could be read to its end.
 */
export function nodeAddresses(json: Buffer): readonly NodeAddress[] | undefined {
  const finder = new AddressFinder();
  return finder.find(json);
}

/** What is being read at each depth: root, `nodes`, a node, its `http`, a `bound_address`. */
class AddressFinder implements JsonVisitor {
  readonly #scanner = new JsonScanner(this, 4096);
  readonly #found: NodeAddress[] = [];
  #isPublished = false;

  find(json: Buffer): readonly NodeAddress[] | undefined {
    const scanner = this.#scanner;
    scanner.write(json);
    scanner.finish();
    const isReadable = scanner.fault === undefined && !scanner.hasMore && !scanner.isBlank;
    return isReadable && this.#found.length <= maxAddresses ? this.#found : undefined;
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    const name = bytes.subarray(start, end);
    switch (this.#scanner.depth) {
      case 1:
        return name.equals(nodesName);
      case 2:
        return true;
      case 3:
        return name.equals(httpName);
      default:
        this.#isPublished = name.equals(publishName);
        return this.#isPublished || name.equals(boundName);
    }
  }

  open(isArray: boolean): boolean {
    return isArray ? this.#scanner.depth === 5 && !this.#isPublished : this.#scanner.depth < 5;
  }

  close(): void {
    // Depth tells all.
  }

  scalar(kind: JsonKind): boolean {
    const scanner = this.#scanner;
    if (kind !== jsonKind.string || scanner.depth < 4 || this.#found.length > maxAddresses)
      return true;
    this.#found.push({
      start: scanner.valueStart,
      end: scanner.valueEnd,
      address: scanner.text(),
      isPublished: this.#isPublished,
    });
    return true;
  }
}

/**
 * The same text with `replacement` in place of each address; every other byte stays.
 *
 * @param addresses of {@link nodeAddresses} of the same text
 */
export function withAddress(
  json: Buffer,
  addresses: readonly NodeAddress[],
  replacement: string,
): Buffer {
  const quoted = Buffer.from(JSON.stringify(replacement));
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end } of addresses) {
    pieces.push(json.subarray(from, start), quoted);
    from = end;
  }
  pieces.push(json.subarray(from));
  return Buffer.concat(pieces);
}
