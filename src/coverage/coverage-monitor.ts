/** Compares on a timer what the nodes have served with what is on record. */
import type { NodeHttpStats } from "../elasticsearch/stats/http-stats-reader.ts";
import { placesOf } from "../elasticsearch/sniff/publish-address.ts";
import type { OwnConnection } from "../upstream/own-connections.ts";
import type { NodesAnswer } from "./ask-nodes.ts";
import { BypassingClients } from "./bypassing-clients.ts";
import { addCounts, noCounts } from "./coverage-status.ts";
import type { CoverageStatus } from "./coverage-status.ts";
import { RequestCounts } from "./interval.ts";
import type { BypassingRequests, OwnEnds } from "./interval.ts";

/** Where the numbers come from, and who is told. */
export interface CoverageSources {
  /** Asks all pools. @throws {Error} in words for the operator */
  readonly ask: (opaqueId: string, signal: AbortSignal) => Promise<readonly NodesAnswer[]>;
  /** Of all processes of the service. */
  readonly connections: () => Promise<readonly OwnConnection[]>;
  /** Requests that were forwarded without a record, since the start. */
  readonly unrecorded: () => Promise<number>;
  /** After each look that could be compared. */
  readonly onMeasured: (status: CoverageStatus, bypassing: readonly BypassingRequests[]) => void;
  /** The first look of several that failed. */
  readonly onUnavailable: (problem: string) => void;
}

export interface CoverageOptions {
  readonly everyMs: number;
  readonly opaqueId: string;
  readonly exempt: OwnEnds["exempt"];
  /** Milliseconds since the Unix epoch. */
  readonly wallMs: () => number;
}

/** Milliseconds that all nodes have for their answers. */
const patienceMs = 10_000;

const noClients =
  "the nodes do not tell of their HTTP clients: Elasticsearch 7.13 or later is needed, and " +
  "http.client_stats.enabled must not be false";
const notSeen =
  "the nodes tell of no connection of this proxy: something between them hides who asks";

/**
 * One look after the other, `everyMs` apart. The first one has nothing to be compared with. Nothing
 * of it touches the traffic.
 */
export class CoverageMonitor {
  readonly #options: CoverageOptions;
  readonly #sources: CoverageSources;
  readonly #counts = new RequestCounts();
  readonly #clients = new BypassingClients();
  #total = noCounts();
  #last = noCounts();
  #unrecorded: number | undefined = undefined;
  /** Requests without a record of which the nodes have not told yet. */
  #pending = 0;
  #previousMs = 0;
  #measuredMs = 0;
  #identifiedBy: CoverageStatus["identifiedBy"] = undefined;
  #nodes = 0;
  #failedLooks = 0;
  #problem: string | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #abort = new AbortController();

  constructor(options: CoverageOptions, sources: CoverageSources) {
    this.#options = options;
    this.#sources = sources;
  }

  get status(): CoverageStatus {
    const problem = this.#problem;
    const hasMeasured = this.#measuredMs > 0;
    return {
      state: problem !== undefined ? "unavailable" : hasMeasured ? "measured" : "waiting",
      problem,
      everyMs: this.#options.everyMs,
      measuredMs: this.#measuredMs,
      identifiedBy: this.#identifiedBy,
      nodes: this.#nodes,
      failedLooks: this.#failedLooks,
      last: this.#last,
      total: this.#total,
      clients: this.#clients.list(),
    };
  }

  /** Number of clients that were seen to bypass. */
  get clientCount(): number {
    return this.#clients.size;
  }

  start(): void {
    void this.look().finally(() => {
      if (this.#abort.signal.aborted) return;
      this.#timer = setTimeout(() => this.start(), this.#options.everyMs).unref();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  /** Looks once. Never rejects. */
  async look(): Promise<void> {
    try {
      await this.#measure();
      this.#problem = undefined;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failedLooks += 1;
      const problem = error instanceof Error ? error.message : "failed";
      if (this.#problem === undefined) this.#sources.onUnavailable(problem);
      this.#problem = problem;
    }
  }

  async #measure(): Promise<void> {
    const { opaqueId, wallMs } = this.#options;
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(patienceMs)]);
    const answers = await this.#sources.ask(opaqueId, signal);
    // Asked afterwards, so that every connection that the nodes have told of is among them.
    const connections = await this.#sources.connections();
    const unrecorded = await this.#sources.unrecorded();
    const nodes = nodesOf(answers);
    if (nodes.every(({ clients }) => clients === undefined)) throw new Error(noClients);
    const own = this.#ownEnds(answers, nodes, connections);
    const interval = this.#counts.next(nodes, own);
    const nowMs = wallMs();
    this.#pending += unrecorded - (this.#unrecorded ?? unrecorded);
    const seconds = (nowMs - this.#previousMs) / 1000;
    this.#nodes = nodes.length;
    this.#unrecorded = unrecorded;
    this.#previousMs = nowMs;
    if (interval === undefined) return;
    const { relayed, bypassed, bypassing, exempt, lostConnections } = interval;
    const notRecorded = Math.max(0, Math.min(relayed, this.#pending));
    this.#pending -= notRecorded;
    this.#last = {
      seconds,
      recorded: relayed - notRecorded,
      unrecorded: notRecorded,
      bypassed,
      exempt,
      lostConnections,
    };
    this.#total = addCounts(this.#total, this.#last);
    for (const one of bypassing) this.#clients.add(one, nowMs);
    this.#measuredMs = nowMs;
    this.#problem = undefined;
    this.#sources.onMeasured(this.status, bypassing);
  }

  #ownEnds(
    answers: readonly NodesAnswer[],
    nodes: readonly NodeHttpStats[],
    connections: readonly OwnConnection[],
  ): OwnEnds {
    const { exempt, opaqueId } = this.#options;
    const places = new Map(connections.map(({ place, purpose }) => [place, purpose]));
    for (const { place } of answers) places.set(place, "own");
    const asked = nodes.flatMap(({ clients = [] }) =>
      clients.filter((client) => client.opaqueId === opaqueId),
    );
    if (asked.length === 0) throw new Error(notSeen);
    const addresses = new Set(
      asked
        .filter(({ remoteAddress }) => !places.has(remoteAddress))
        .flatMap(({ remoteAddress }) => placesOf(remoteAddress).map(({ host }) => host)),
    );
    this.#identifiedBy = addresses.size === 0 ? "connection" : "address";
    return { places, addresses, exempt };
  }
}

/** Each node once, although several pools lead to it. */
function nodesOf(answers: readonly NodesAnswer[]): NodeHttpStats[] {
  const nodes = new Map<string, NodeHttpStats>();
  for (const answer of answers) for (const node of answer.nodes) nodes.set(node.id, node);
  return [...nodes.values()];
}
