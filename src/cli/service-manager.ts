import { spawn } from "node:child_process";
import type { Log } from "../core/log.ts";

/** First descriptor of socket activation (sd_listen_fds(3)). */
const firstDescriptor = 3;

/**
 * The service manager's side of the process: systemd's notifications and watchdog.
 *
 * Notifications are datagrams to a unix socket, which Node.js cannot send; the `systemd-notify`
 * program does, so the unit needs `NotifyAccess=all`. It is started for each notification, one
 * after the other, and only where the manager has asked for them.
 */
export class ServiceManager {
  readonly #socket: string;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  private constructor(socket: string, watchdogMs: number, log: Log) {
    this.#socket = socket;
    this.#log = log;
    // Half of the time, as sd_watchdog_enabled(3) advises; a blocked event loop sends nothing.
    if (watchdogMs > 0)
      this.#timer = setInterval(() => void this.#notify("WATCHDOG=1"), watchdogMs / 2).unref();
  }

  /**
   * @returns `undefined` when no service manager asks for notifications; the variables are taken
   *   out of the environment of later processes.
   */
  static fromEnvironment(environment: NodeJS.ProcessEnv, log: Log): ServiceManager | undefined {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment;
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
    if (socket === undefined || socket === "") return undefined;
    const isMeant = pid === undefined || pid === String(process.pid);
    return new ServiceManager(socket, isMeant ? Number(microseconds ?? 0) / 1000 : 0, log);
  }

  ready(): void {
    void this.#notify("READY=1", "STATUS=Relaying");
  }

  reloading(): void {
    const microseconds = process.hrtime.bigint() / 1000n;
    void this.#notify("RELOADING=1", `MONOTONIC_USEC=${microseconds}`, "STATUS=Reloading");
  }

  stopping(): void {
    clearInterval(this.#timer);
    void this.#notify("STOPPING=1", "STATUS=Draining");
  }

  /** Resolves when the notifications have been sent. */
  async flush(): Promise<void> {
    await this.#last;
  }

  #notify(...assignments: readonly string[]): Promise<void> {
    this.#last = this.#last.then(async () => this.#send(assignments));
    return this.#last;
  }

  #send(assignments: readonly string[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const child = spawn("systemd-notify", assignments, {
      stdio: "ignore",
      env: { PATH: process.env["PATH"], NOTIFY_SOCKET: this.#socket },
      timeout: 5000,
    });
    child.on("error", () => this.#failed(resolve));
    child.on("exit", (code) => (code === 0 ? resolve() : this.#failed(resolve)));
    return promise;
  }

  #failed(done: () => void): void {
    if (!this.#hasFailed)
      this.#log.warn(
        {},
        "systemd-notify cannot be run: the service manager is not told of this process's state",
      );
    this.#hasFailed = true;
    done();
  }
}

/**
 * Sockets that the service manager has bound (sd_listen_fds(3)), by the name of the listener that
 * gets them: by `FileDescriptorName=` where one matches, else in the order of the listeners. The
 * variables are taken out of the environment, because they are meant for this process only.
 */
export function activatedSockets(
  environment: NodeJS.ProcessEnv,
  listeners: readonly string[],
): ReadonlyMap<string, number> {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names } = environment;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete environment[name];
  if (count === undefined || pid !== String(process.pid)) return new Map();
  const given = (names ?? "").split(":");
  const isNamed = given.some((name) => listeners.includes(name));
  const sockets = new Map<string, number>();
  for (let at = 0; at < Number(count); at += 1) {
    const name = isNamed ? given[at] : listeners[at];
    if (name !== undefined && listeners.includes(name)) sockets.set(name, firstDescriptor + at);
  }
  return sockets;
}
