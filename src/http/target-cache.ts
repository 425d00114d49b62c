import type { Buffer } from "node:buffer";
import type { MessageHead } from "../http1/message-head.ts";
import { requestTarget } from "./request-record.ts";

/** Bytes. Longer targets (a query with a cursor, a source in the URL) seldom come again. */
const longest = 256;

/**
 * The target of a connection's last request: the next one often asks for the same, and to compare
 * bytes is cheaper than to make a string.
 */
export class TargetCache {
  /** The target that was asked for last names `_nodes`: the call may be one of the nodes API. */
  namesNodes = false;
  #keptNamesNodes = false;
  #content = new Uint8Array(32);
  #length = -1;
  #text = "";

  /**
   * The target of the head at hand, in origin-form; the same string for a target that comes again.
   */
  textOf(head: MessageHead): string {
    const { bytes } = head;
    const start = head.base + head.targetStart;
    const length = head.targetEnd - head.targetStart;
    if (length === this.#length && this.#isKept(bytes, start)) {
      this.namesNodes = this.#keptNamesNodes;
      return this.#text;
    }
    const text = requestTarget(head);
    this.namesNodes = text.includes("_nodes");
    if (length <= longest) this.#keep(bytes, start, length, text);
    return text;
  }

  #isKept(bytes: Buffer, start: number): boolean {
    for (let i = 0; i < this.#length; i += 1)
      if (this.#content[i] !== bytes[start + i]) return false;
    return true;
  }

  #keep(bytes: Buffer, start: number, length: number, text: string): void {
    if (length > this.#content.length) this.#content = new Uint8Array(length);
    for (let i = 0; i < length; i += 1) this.#content[i] = bytes[start + i] ?? 0;
    this.#length = length;
    this.#text = text;
    this.#keptNamesNodes = this.namesNodes;
  }
}
