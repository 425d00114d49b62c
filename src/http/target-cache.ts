import type { KnownStartLine, MessageHead } from "../http1/message-head.ts";
import { requestTarget } from "./request-record.ts";

/** What is known of the target of a connection's last request: the next one often has the same. */
export class TargetCache {
  /** The target that was asked for last names `_nodes`: the call may be one of the nodes API. */
  namesNodes = false;
  #line: KnownStartLine | undefined = undefined;

  /** The target of the head at hand, in origin-form. */
  textOf(head: MessageHead): string {
    const { startLine } = head;
    if (startLine !== undefined && startLine === this.#line) return startLine.target;
    const text = startLine?.target ?? requestTarget(head);
    this.#line = startLine;
    this.namesNodes = text.includes("_nodes");
    return text;
  }
}
