import type { ProxyConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { exitCodes } from "./exit-codes.ts";

/** What is needed of a running proxy; `RunningProxy` of `proxy.ts` is one. */
export interface Running {
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  /** Accepts nothing new and resolves when nothing runs any more, or after `timeoutMs`; `Infinity`: no limit. */
  drain(timeoutMs: number): Promise<void>;
  /** Ends what still runs, with its records written. */
  close(): Promise<void>;
  reopenAudit(): void;
}

export type Start = (config: ProxyConfig, log: Log) => Promise<Running>;

/** Time that a hurried end leaves for the last records to be written, in milliseconds. */
const defaultHurriedCloseMs = 2000;

const stopSignals = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

/**
 * Starts a proxy and keeps it until a signal ends it; gives the exit code.
 *
 * SIGTERM and SIGINT drain within the configured time, SIGQUIT drains without a limit, and any second one of the three
 * closes at once and gives 1. SIGUSR2 reopens the journal. SIGHUP changes nothing yet and says so. An exception that nobody
 * caught ends the process with 1, after the records of what was open are written.
 *
 * @param hurriedCloseMs longest wait for the last records after a second signal or a crash
 * @throws {ProxyError} what `start` throws
 */
export async function serve(
  config: ProxyConfig,
  log: Log,
  start: Start,
  hurriedCloseMs = defaultHurriedCloseMs,
): Promise<number> {
  const lifetime = new Lifetime({ drainTimeoutMs: config.drainTimeoutMs, hurriedCloseMs }, log);
  lifetime.install();
  try {
    const running = await start(config, log);
    lifetime.started(running);
    for (const { url } of running.listeners) process.stderr.write(`listening on ${url}\n`);
    return await lifetime.ended;
  } finally {
    lifetime.uninstall();
  }
}

class Lifetime {
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #times: { readonly drainTimeoutMs: number; readonly hurriedCloseMs: number };
  readonly #log: Log;
  readonly #handlers: (readonly [string, (value: unknown) => void])[];
  #running: Running | undefined = undefined;
  /** Set by the first stop signal: milliseconds that the drain may take. */
  #stopMs: number | undefined = undefined;
  #isHurried = false;

  constructor(times: { readonly drainTimeoutMs: number; readonly hurriedCloseMs: number }, log: Log) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#times = times;
    this.#log = log;
    this.#handlers = [
      ...stopSignals.map((signal) => [signal, () => this.#stop(signal)] as const),
      ["SIGUSR2", () => this.#reopen()],
      ["SIGHUP", () => log.warn({}, "reload is not supported yet: restart to use a changed configuration")],
      ["uncaughtException", (error: unknown) => this.#crash("uncaught exception", error)],
      ["unhandledRejection", (reason: unknown) => this.#crash("unhandled rejection", reason)],
    ];
  }

  install(): void {
    for (const [event, handler] of this.#handlers) process.on(event, handler);
  }

  uninstall(): void {
    for (const [event, handler] of this.#handlers) process.off(event, handler);
  }

  started(running: Running): void {
    this.#running = running;
    // A signal that came while the proxy was starting.
    if (this.#stopMs !== undefined) this.#drain(running, this.#stopMs);
  }

  /** A journal that cannot be reopened is told, not died of: what runs goes on with the file that is open. */
  #reopen(): void {
    try {
      this.#running?.reopenAudit();
    } catch (error) {
      this.#log.error(describeError(error), "the audit files could not be reopened");
    }
  }

  #stop(signal: (typeof stopSignals)[number]): void {
    if (this.#stopMs !== undefined) {
      this.#log.warn({ signal }, "second signal: closing now");
      this.#hurry();
      return;
    }
    this.#stopMs = signal === "SIGQUIT" ? Number.POSITIVE_INFINITY : this.#times.drainTimeoutMs;
    this.#log.info({ signal }, "draining");
    if (this.#running !== undefined) this.#drain(this.#running, this.#stopMs);
  }

  #drain(running: Running, timeoutMs: number): void {
    running
      .drain(timeoutMs)
      .then(() => running.close())
      .then(
        () => this.#end(exitCodes.ok),
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
      // Whatever still starts or hangs must not hold the process; `ended` has been given to who waits for it.
      setImmediate(() => process.exit(exitCodes.failure));
      return;
    }
    this.#isHurried = true;
    const timer = setTimeout(() => this.#end(exitCodes.failure), this.#times.hurriedCloseMs);
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
 * Kind, code and stack frames of an error, without its message: messages of foreign errors may quote what a client sent.
 */
export function describeError(error: unknown): { error: string; code?: string; stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { error: error.name, ...code, stack: frames.map((line) => line.trim()).join(" | ") };
}
