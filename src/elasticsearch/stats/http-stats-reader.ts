/** Reads what nodes say of their HTTP connections: an answer of `_nodes/stats/http`. */
import type { Buffer } from "node:buffer";
import { JsonScanner } from "../body/json-scanner.ts";
import { textOf } from "../body/json-text.ts";
import type { JsonVisitor } from "../body/json-visitor.ts";

/** One connection of a node, open or closed within the last minutes. */
export interface HttpClientStats {
  /** An identity hash: seldom the same for two connections of a node. */
  readonly id: string;
  /** `ip:port` of the other end, as the node sees it. */
  readonly remoteAddress: string;
  /** `User-Agent` of its last request; empty: none. */
  readonly agent: string;
  /** `X-Opaque-Id` of its last request; empty: none. */
  readonly opaqueId: string;
  /** Since it was opened. */
  readonly requests: number;
}

/** One node. */
export interface NodeHttpStats {
  readonly id: string;
  readonly name: string;
  /** Connections since the node's start; `undefined`: it does not say. */
  readonly totalOpened: number | undefined;
  /**
   * `undefined`: it does not say (before 7.13, or `http.client_stats.enabled: false`), or has none
   * and {@link httpStatsTarget} has left the empty list out.
   */
  readonly clients: readonly HttpClientStats[] | undefined;
}

/** The target of the request whose answer holds what is read here, and little else. */
export const httpStatsTarget =
  "/_nodes/stats/http?filter_path=nodes.*.name,nodes.*.http.total_opened,nodes.*.http.clients.id," +
  "nodes.*.http.clients.remote_address,nodes.*.http.clients.agent," +
  "nodes.*.http.clients.x_opaque_id,nodes.*.http.clients.request_count";

/** A node remembers 10,000 closed connections; a cluster of 100 busy nodes has fewer than these. */
const maxClients = 1_000_000;
/** Agents and addresses are told apart by fewer; longer ones are cut. Bytes. */
const maxText = 200;

interface MutableClient {
  id: string;
  remoteAddress: string;
  agent: string;
  opaqueId: string;
  requests: number;
}

interface MutableNode {
  readonly id: string;
  name: string;
  totalOpened: number | undefined;
  clients: MutableClient[] | undefined;
}

/** Reads an answer that comes in pieces cut anywhere; memory grows with the connections only. */
export class HttpStatsReader implements JsonVisitor {
  readonly #scanner = new JsonScanner(this, maxText);
  readonly #nodes: MutableNode[] = [];
  #clients = 0;
  #node: MutableNode | undefined = undefined;
  #client: MutableClient | undefined = undefined;
  #key = "";

  /** False: what follows is not read any more, {@link finish} gives nothing. */
  write(piece: Buffer): boolean {
    this.#scanner.write(piece);
    return this.#scanner.fault === undefined && this.#clients <= maxClients;
  }

  /** The nodes; undefined: the answer was not the JSON that it should be. */
  finish(): readonly NodeHttpStats[] | undefined {
    const scanner = this.#scanner;
    scanner.finish();
    const isWhole = scanner.fault === undefined && !scanner.hasMore && !scanner.isBlank;
    return isWhole && this.#clients <= maxClients ? this.#nodes : undefined;
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    const name = textOf(bytes, start, end);
    this.#key = name;
    switch (this.#scanner.depth) {
      case 1:
        return name === "nodes";
      case 2:
        this.#node = { id: name, name: "", totalOpened: undefined, clients: undefined };
        this.#nodes.push(this.#node);
        return true;
      case 3:
        return name === "name" || name === "http";
      case 4:
        return name === "total_opened" || name === "clients";
      default:
        return this.#scanner.depth === 6;
    }
  }

  open(isArray: boolean): boolean {
    const { depth } = this.#scanner;
    if (depth === 5) {
      if (!isArray || this.#key !== "clients" || this.#node === undefined) return false;
      this.#node.clients = [];
      return true;
    }
    if (depth === 6) {
      this.#client = { id: "", remoteAddress: "", agent: "", opaqueId: "", requests: 0 };
      this.#node?.clients?.push(this.#client);
      this.#clients += 1;
    }
    return !isArray && depth <= 6;
  }

  close(): void {
    // Depth tells all.
  }

  scalar(): boolean {
    const scanner = this.#scanner;
    const { depth } = scanner;
    if (depth === 3 && this.#node !== undefined) this.#node.name = scanner.text();
    else if (depth === 4 && this.#node !== undefined) this.#node.totalOpened = scanner.number();
    else if (depth === 6 && this.#client !== undefined) this.#note(this.#client);
    return true;
  }

  #note(client: MutableClient): void {
    const scanner = this.#scanner;
    switch (this.#key) {
      case "id":
        client.id = scanner.text();
        break;
      case "remote_address":
        client.remoteAddress = scanner.text();
        break;
      case "agent":
        client.agent = scanner.text();
        break;
      case "x_opaque_id":
        client.opaqueId = scanner.text();
        break;
      case "request_count":
        client.requests = scanner.number() ?? 0;
        break;
      default:
    }
  }
}
