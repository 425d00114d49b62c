import type { ControlOutcome } from "../admin/admin-source.ts";
import type { Control } from "../assembly/admin-service.ts";
import type { ProxyConfig } from "../config/config.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { RunningProxy } from "../assembly/running-proxy.ts";
import type { ServiceManager } from "./service-manager.ts";

/**
 * Reads and checks the configuration again: what to use, or every problem as one line with its
 * place.
 */
export type Reread = () => Promise<
  { readonly config: ProxyConfig } | { readonly problems: readonly string[] }
>;

/**
 * Carries out reloads and rolling restarts, one at a time, whether a signal or the admin listener
 * asks. What cannot be used changes nothing, is logged line by line and counted. A request that
 * comes while a reload waits to start is served by that reload, because it reads the file after
 * both requests.
 */
export class Reloader implements Control {
  readonly #reread: Reread | undefined;
  readonly #log: Log;
  readonly #serviceManager: ServiceManager | undefined;
  readonly #attached = Promise.withResolvers<RunningProxy | undefined>();
  #last: Promise<unknown>;
  #waitingReload: Promise<ControlOutcome> | undefined = undefined;
  #waitingRestart: Promise<ControlOutcome> | undefined = undefined;

  constructor(reread: Reread | undefined, log: Log, serviceManager: ServiceManager | undefined) {
    this.#reread = reread;
    this.#log = log;
    this.#serviceManager = serviceManager;
    this.#last = this.#attached.promise;
  }

  /** The proxy runs: what was asked for meanwhile begins. */
  attach(running: RunningProxy): void {
    this.#attached.resolve(running);
  }

  /** The proxy stops: nothing begins any more. */
  stop(): void {
    this.#isStopped = true;
    this.#attached.resolve(undefined);
  }

  #isStopped = false;

  reload(): Promise<ControlOutcome> {
    this.#waitingReload ??= this.#next(async (running) => {
      this.#waitingReload = undefined;
      return this.#apply(running, "configuration reloaded", async (config) =>
        running.reload(config),
      );
    });
    return this.#waitingReload;
  }

  restart(): Promise<ControlOutcome> {
    this.#waitingRestart ??= this.#next(async (running) => {
      this.#waitingRestart = undefined;
      return this.#apply(running, "workers restarted", async (config) => running.restart(config));
    });
    return this.#waitingRestart;
  }

  #next(work: (running: RunningProxy) => Promise<ControlOutcome>): Promise<ControlOutcome> {
    const outcome = this.#last.then(async () => {
      const running = await this.#attached.promise;
      if (running === undefined || this.#isStopped) return failed(["the proxy is stopping"]);
      return work(running);
    });
    this.#last = outcome;
    return outcome;
  }

  async #apply(
    running: RunningProxy,
    done: string,
    use: (config: ProxyConfig) => Promise<void>,
  ): Promise<ControlOutcome> {
    this.#serviceManager?.reloading();
    const problems = await this.#problems(use);
    this.#serviceManager?.ready();
    running.noteReload(problems);
    if (problems.length === 0) {
      this.#log.info({}, done);
      return { isOk: true, message: done };
    }
    for (const problem of problems)
      this.#log.error({ problem }, "the configuration cannot be used: the old one stays");
    return failed(problems);
  }

  async #problems(use: (config: ProxyConfig) => Promise<void>): Promise<readonly string[]> {
    if (this.#reread === undefined) return ["there is no configuration file to read again"];
    try {
      const read = await this.#reread();
      if ("problems" in read) return read.problems;
      await use(read.config);
      return [];
    } catch (error) {
      if (error instanceof ProxyError) return error.message.split("\n");
      // A foreign message may quote anything.
      this.#log.error(
        { error: error instanceof Error ? error.name : typeof error },
        "a reload failed",
      );
      return ["internal error"];
    }
  }
}

function failed(problems: readonly string[]): ControlOutcome {
  return { isOk: false, message: "the configuration cannot be used: the old one stays", problems };
}
