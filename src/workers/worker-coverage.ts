/** The comparison with the nodes' counters, where worker processes do the relaying. */
import { isDeepStrictEqual } from "node:util";
import { CoverageService } from "../assembly/coverage-service.ts";
import type { CoverageParts } from "../assembly/coverage-service.ts";
import type { CoverageConfig, ProxyConfig } from "../config/config.ts";
import type { OwnConnection } from "../upstream/own-connections.ts";
import { ConnectionBook } from "./connection-book.ts";

/** Where the numbers of the workers come from. */
export interface WorkerCoverageParts extends Omit<CoverageParts, "connections"> {
  /** Has each worker tell of its connections; {@link WorkerCoverage.note} has them then. */
  readonly askConnections: () => Promise<unknown>;
}

/** Runs in the supervisor; follows reloads and restarts of the workers. */
export class WorkerCoverage {
  readonly #parts: WorkerCoverageParts;
  readonly #book = new ConnectionBook();
  #config: CoverageConfig | undefined = undefined;
  #service: CoverageService | undefined = undefined;

  constructor(parts: WorkerCoverageParts) {
    this.#parts = parts;
  }

  /** `undefined`: the nodes' counters are not looked at. */
  get service(): CoverageService | undefined {
    return this.#service;
  }

  /** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file */
  apply(config: ProxyConfig): void {
    const { coverage } = config.audit ?? {};
    if (this.#service !== undefined && isDeepStrictEqual(coverage, this.#config)) {
      this.#service.follow(config);
      return;
    }
    this.close();
    this.#config = coverage;
    if (coverage === undefined) return;
    const { log, report, onEvent } = this.#parts;
    this.#service = new CoverageService(coverage, {
      log,
      report,
      onEvent,
      connections: async () => {
        await this.#parts.askConnections();
        return this.#book.list(performance.now());
      },
    });
    this.#service.start(config);
  }

  /** A worker has told of connections. */
  note(connections: readonly OwnConnection[]): void {
    this.#book.note(connections, performance.now());
  }

  close(): void {
    this.#service?.close();
    this.#service = undefined;
  }
}
