/** The explorer of a service; follows the `explorer` section through reloads. */
import { isDeepStrictEqual } from "node:util";

import { readIdentities } from "../audit/store/opened-keys.ts";
import type { ExplorerConfig, ProxyConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { ExplorerHost } from "../explorer/explorer-host.ts";
import { BearerToken } from "../net/bearer-token.ts";

export interface ExplorerServiceOptions {
  readonly log: Log;
  /** What its page says of the proxy: plain data. */
  readonly status: () => Promise<unknown>;
}

/** A change of the section that only has to be put into force. */
export interface PreparedExplorer {
  commit(): void;
  abort(): void;
}

/** Opens, replaces and closes the explorer. */
export class ExplorerService {
  readonly #options: ExplorerServiceOptions;
  #host: ExplorerHost | undefined = undefined;
  #config: ExplorerConfig | undefined = undefined;

  constructor(options: ExplorerServiceOptions) {
    this.#options = options;
  }

  /** Where it listens; `undefined`: nowhere. */
  get url(): string | undefined {
    return this.#host?.url;
  }

  /**
   * Does what can fail. An unchanged address stays bound, but its files are read again.
   *
   * @throws {ProxyError} naming the address or the file that cannot be used
   */
  async prepare({ explorer, audit }: ProxyConfig): Promise<PreparedExplorer> {
    const old = this.#host;
    if (explorer === undefined || audit === undefined)
      return { commit: () => this.#replace(undefined, undefined), abort: () => undefined };
    if (
      old !== undefined &&
      isDeepStrictEqual(explorer.bind, this.#config?.bind) &&
      isDeepStrictEqual(explorer.tls, this.#config?.tls)
    ) {
      // The thread reads them again; what it could not use is refused here.
      if (explorer.tokenFile !== undefined) BearerToken.fromFile(explorer.tokenFile);
      if (explorer.identityFile !== undefined) readIdentities(explorer.identityFile);
      const commit = (): void => {
        this.#config = explorer;
        old.useFiles(explorer);
      };
      return { commit, abort: () => undefined };
    }
    const next = await ExplorerHost.open({
      directory: audit.directory,
      ...explorer,
      ...this.#options,
    });
    return {
      commit: () => this.#replace(next, explorer),
      abort: () => void next.close(),
    };
  }

  /** @throws {ProxyError} like {@link prepare} */
  async open(config: ProxyConfig): Promise<void> {
    (await this.prepare(config)).commit();
  }

  async close(): Promise<void> {
    await this.#host?.close();
  }

  #replace(host: ExplorerHost | undefined, config: ExplorerConfig | undefined): void {
    void this.#host?.close();
    this.#host = host;
    this.#config = config;
  }
}
