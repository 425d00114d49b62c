import type { ApiMatch } from "../elasticsearch/api/api-endpoint.ts";
import { matchApiEndpoint } from "../elasticsearch/api/api-endpoint.ts";
import type { SniffedAnswer } from "./sniffed-answer.ts";

/** What an exchange must know of its request after the head is gone. */
export class RequestInfo {
  readonly method: string;
  readonly target: string;
  readonly isHead: boolean;
  readonly isHttp10: boolean;
  /** The client connection ends with this exchange. */
  readonly closes: boolean;
  /** What consistent hashing hashes; "" elsewhere. */
  readonly hashKey: string;
  /** Takes the answer, where it may tell addresses of nodes. */
  sniff: SniffedAnswer | undefined = undefined;
  #match: ApiMatch | undefined = undefined;

  constructor(method: string, target: string, isHttp10: boolean, closes: boolean, hashKey: string) {
    this.method = method;
    this.target = target;
    this.isHead = method === "HEAD";
    this.isHttp10 = isHttp10;
    this.closes = closes;
    this.hashKey = hashKey;
  }

  get apiMatch(): ApiMatch {
    return (this.#match ??= matchApiEndpoint(this.method, this.target));
  }

  /**
   * Sending the request a second time changes nothing (by API endpoint; by method where
   * Elasticsearch has no such endpoint, RFC 9110 §9.2.1).
   */
  get isSafe(): boolean {
    const { endpoint } = this.apiMatch;
    if (endpoint.class === "unknown")
      return this.isHead || this.method === "GET" || this.method === "OPTIONS";
    return endpoint.retry === "read";
  }
}
