import type { Control } from "../assembly/admin-service.ts";
import type { ProxyConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import type { RunningProxy } from "../assembly/running-proxy.ts";
import { errorCode } from "../core/system-error.ts";
import { routerErrorLocation } from "../tcp/router-error-location.ts";
import { exitCodes } from "./exit-codes.ts";
import { Reloader } from "./reloader.ts";
import type { Reread } from "./reloader.ts";
import type { ServiceManager } from "./service-manager.ts";

/** Starts a proxy; `control` is for its admin listener. */
export type Start = (config: ProxyConfig, log: Log, control: Control) => Promise<RunningProxy>;

export interface ServeOptions {
  /** Reads the configuration file again; `undefined`: there is none, and a reload is refused. */
  readonly reread?: Reread | undefined;
  /** Is notified of what happens, such as systemd; `undefined`: no service manager asked for it. */
  readonly serviceManager?: ServiceManager | undefined;
  /**
   * Longest wait for the last records after a second signal or a crash, in milliseconds. @default
   * 2000
   */
  readonly hurriedCloseMs?: number | undefined;
}

/** Milliseconds for the last records when a second signal or an exception ends the process. */
const defaultHurriedCloseMs = 2000;

const stopSignals = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;
type StopSignal = (typeof stopSignals)[number] | "SIGHUP";

/**
 * Starts a proxy and keeps it until a signal ends it; gives the exit code.
 *
 * SIGTERM and SIGINT drain within the configured time, SIGQUIT drains without a limit, and any
 * second one of the three closes at once and gives 1. SIGHUP reloads the configuration where there
 * is a file to read, and stops like SIGTERM where there is none: the terminal has gone. SIGUSR1
 * restarts the workers one after the other, SIGUSR2 reopens the journal. An uncaught exception ends
 * the process with 1, after the records of what was open are written.
 *
 * @throws {ProxyError} what `start` throws
 */
export async function serve(
  config: ProxyConfig,
  log: Log,
  start: Start,
  options: ServeOptions = {},
): Promise<number> {
  const { serviceManager } = options;
  const reloader = new Reloader(options.reread, log, serviceManager);
  const lifetime = new Lifetime(
    options.hurriedCloseMs ?? defaultHurriedCloseMs,
    log,
    reloader,
    serviceManager,
    options.reread !== undefined,
  );
  lifetime.install();
  try {
    const running = await start(config, log, reloader);
    for (const { url } of running.listeners) process.stderr.write(`listening on ${url}\n`);
    const { adminUrl, explorerUrl } = running;
    if (adminUrl !== undefined) process.stderr.write(`admin on ${adminUrl}\n`);
    if (explorerUrl !== undefined) process.stderr.write(`explorer on ${explorerUrl}\n`);
    serviceManager?.ready();
    lifetime.started(running);
    return await lifetime.ended;
  } finally {
    lifetime.uninstall();
  }
}

class Lifetime {
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #hurriedCloseMs: number;
  readonly #log: Log;
  readonly #reloader: Reloader;
  readonly #serviceManager: ServiceManager | undefined;
  readonly #handlers: (readonly [string, (value: unknown) => void])[];
  #running: RunningProxy | undefined = undefined;
  /** Set by the first stop signal. */
  #stop: StopSignal | undefined = undefined;
  #isHurried = false;

  constructor(
    hurriedCloseMs: number,
    log: Log,
    reloader: Reloader,
    serviceManager: ServiceManager | undefined,
    canReload: boolean,
  ) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#hurriedCloseMs = hurriedCloseMs;
    this.#log = log;
    this.#reloader = reloader;
    this.#serviceManager = serviceManager;
    this.#handlers = [
      ...stopSignals.map((signal) => [signal, () => this.#onStop(signal)] as const),
      ["SIGHUP", () => (canReload ? void reloader.reload() : this.#onStop("SIGHUP"))],
      // Without a handler Node.js would open its debugger to everyone on this machine.
      ["SIGUSR1", () => void reloader.restart()],
      ["SIGUSR2", () => this.#reopen()],
      ["uncaughtException", (error: unknown) => this.#crash("uncaught exception", error)],
      ["unhandledRejection", (reason: unknown) => this.#onRejection(reason)],
    ];
  }

  install(): void {
    for (const [event, handler] of this.#handlers) process.on(event, handler);
  }

  uninstall(): void {
    for (const [event, handler] of this.#handlers) process.off(event, handler);
  }

  started(running: RunningProxy): void {
    this.#running = running;
    // Signals that came while the proxy was starting.
    if (this.#stop === undefined) this.#reloader.attach(running);
    else this.#drain(running, this.#stop);
  }

  /**
   * A journal that cannot be reopened is logged and does not end the process, which goes on with
   * the open file.
   */
  #reopen(): void {
    try {
      this.#running?.reopenAudit();
    } catch (error) {
      this.#log.error(describeError(error), "the audit files could not be reopened");
    }
  }

  #onRejection(reason: unknown): void {
    const at = routerErrorLocation(reason);
    if (at === undefined) this.#crash("unhandled rejection", reason);
    else this.#log.error({ at }, "a promise of a router was rejected, and nobody caught it");
  }

  #onStop(signal: StopSignal): void {
    if (this.#stop !== undefined) {
      this.#log.warn({ signal }, "second signal: closing now");
      this.#hurry();
      return;
    }
    this.#stop = signal;
    this.#log.info({ signal }, "draining");
    this.#reloader.stop();
    this.#serviceManager?.stopping();
    if (this.#running !== undefined) this.#drain(this.#running, signal);
  }

  #drain(running: RunningProxy, signal: StopSignal): void {
    running
      .drain(signal === "SIGQUIT" ? Number.POSITIVE_INFINITY : running.drainTimeoutMs)
      .then(() => running.close())
      .then(
        // A second signal ends the drain, too, and has its own exit code.
        () => (this.#isHurried ? undefined : this.#end(exitCodes.ok)),
        (error: unknown) => this.#crash("draining failed", error),
      );
  }

  #crash(message: string, error: unknown): void {
    this.#log.error(describeError(error), message);
    this.#hurry();
  }

  /** Closes in bounded time and ends with 1; asked twice, it no longer waits. */
  #hurry(): void {
    if (this.#isHurried || this.#running === undefined) {
      this.#end(exitCodes.failure);
      // Nothing that still starts or hangs may hold the process; `ended` has been resolved.
      setImmediate(() => process.exit(exitCodes.failure));
      return;
    }
    this.#isHurried = true;
    const timer = setTimeout(() => this.#end(exitCodes.failure), this.#hurriedCloseMs);
    this.#running.close().then(
      () => {
        clearTimeout(timer);
        this.#end(exitCodes.failure);
      },
      () => this.#end(exitCodes.failure),
    );
  }
}

/**
 * Kind, code and stack frames of an error, without its message: messages of foreign errors may
 * quote what a client sent.
 */
export function describeError(error: unknown): { error: string; code?: string; stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const code = errorCode(error, "");
  return {
    error: error.name,
    ...(code !== "" && { code }),
    stack: frames.map((line) => line.trim()).join(" | "),
  };
}
