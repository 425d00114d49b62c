/** The owner's side of the explorer's thread. */
import { access } from "node:fs/promises";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type {
  ExplorerCommand,
  ExplorerMessage,
  ExplorerThreadOptions,
} from "./explorer-messages.ts";

/** A thread that ended by itself is started again after this time. Milliseconds. */
const restartMs = 1000;
/** A thread that is asked to end has so long. Milliseconds. */
const stopMs = 1000;
/**
 * A question that needs more memory than this ends the thread, not the proxy: a hundred thousand
 * rows take a tenth of it. Mebibytes.
 */
const heapMebibytes = 1024;

/** Files that are read again on a reload. */
type ReadFiles = Pick<ExplorerThreadOptions, "tokenFile" | "identityFile">;

/** What it is started with. */
export interface ExplorerHostOptions extends ExplorerThreadOptions {
  readonly log: Log;
  /** What the proxy says of itself: plain data. */
  readonly status: () => Promise<unknown>;
}

/**
 * Runs the explorer in a thread of its own. Nothing on the way of a request waits for it, and what
 * ends it ends nothing else: it is started again.
 */
export class ExplorerHost {
  readonly #options: ExplorerHostOptions;
  #worker: Worker | undefined = undefined;
  #restart: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;
  #files: ReadFiles;
  #url = "";

  private constructor(options: ExplorerHostOptions) {
    this.#options = options;
    const { tokenFile, identityFile } = options;
    this.#files = { tokenFile, identityFile };
  }

  /**
   * Starts the thread and waits until it listens.
   *
   * @throws {ProxyError} ESP_ERR_LISTEN, ESP_ERR_TLS_FILE or ESP_ERR_CONFIG (a file),
   *   naming what it is about
   */
  static async open(options: ExplorerHostOptions): Promise<ExplorerHost> {
    const self = new ExplorerHost(options);
    await self.#start();
    return self;
  }

  /** Where it listens, or has listened before it was started again. */
  get url(): string {
    return this.#url;
  }

  /** The files of the token and of identities are read again, or others. */
  useFiles({ tokenFile, identityFile }: ReadFiles): void {
    this.#files = { tokenFile, identityFile };
    this.#send({ kind: "files", ...this.#files });
  }

  /** Ends the listener, its connections and the thread, in bounded time. */
  async close(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.once("exit", () => resolve());
    this.#send({ kind: "stop" });
    const timer = setTimeout(() => {
      void worker.terminate();
      resolve();
    }, stopMs);
    await promise;
    clearTimeout(timer);
  }

  /** Resolves when it listens. */
  async #start(): Promise<void> {
    // The process has one pool of threads for files and names. It takes over the priority of the
    // thread that uses it first: this one.
    await access("/").catch(() => undefined);
    const { directory, bind, tls, log } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const workerData: ExplorerThreadOptions = { directory, bind, tls, ...this.#files };
    // The same folder in the sources and in the build, where the ending differs.
    const file = new URL(`explorer-thread${extname(import.meta.filename)}`, import.meta.url);
    const resourceLimits = { maxOldGenerationSizeMb: heapMebibytes };
    const worker = new Worker(file, { workerData, name: "audit-explorer", resourceLimits });
    let isListening = false;
    let problem = new ProxyError("ESP_ERR_LISTEN", "the explorer ended while it was starting");
    this.#worker = worker;
    worker.on("message", (message: ExplorerMessage) => {
      if (message.kind === "log") log[message.level](message.fields, message.text);
      else if (message.kind === "askStatus") void this.#tellStatus();
      else if (message.kind === "failed")
        problem = new ProxyError(message.code ?? "ESP_ERR_LISTEN", message.reason);
      else {
        isListening = true;
        this.#url = message.url;
        // From now on what the proxy listens on keeps the process alive.
        worker.unref();
        resolve();
      }
    });
    worker.on("error", (error) => {
      const reason = error instanceof Error ? error.message : "unknown failure";
      log.error({ reason }, "the explorer failed");
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
      reject(problem);
      if (isListening && !this.#isStopped) this.#startLater();
    });
    await promise;
  }

  #startLater(): void {
    this.#restart = setTimeout(() => {
      void this.#start().catch((error: unknown) => {
        const reason = error instanceof ProxyError ? error.message : "unknown failure";
        this.#options.log.error({ reason }, "the explorer could not be started again");
        if (!this.#isStopped) this.#startLater();
      });
    }, restartMs);
    this.#restart.unref();
  }

  async #tellStatus(): Promise<void> {
    const value = await this.#options.status().catch(() => undefined);
    this.#send({ kind: "status", value });
  }

  #send(command: ExplorerCommand): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker?.postMessage(command);
  }
}
