import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TempDir } from "../test/support/temp-dir.ts";
import { makeTempDir } from "../test/support/temp-dir.ts";
import { withDeadline } from "../test/support/wait-for.ts";
import type {
  Answer,
  DiskState,
  LiveBytes,
  PlantName,
  Probe,
  Question,
  Ready,
  Snapshot,
} from "./messages.ts";

const entry = fileURLToPath(new URL("proxy-under-test.ts", import.meta.url));
/** Longest wait for one answer: a heap snapshot takes seconds. */
const answerMs = 60_000;

/** The proxy under test in its own process; `await using` ends it. */
export class ProxyProcess implements AsyncDisposable {
  readonly folder: TempDir;
  readonly #child: ChildProcess;
  readonly #output: () => string;
  #urls: Ready["urls"] = {};

  private constructor(child: ChildProcess, folder: TempDir, output: () => string) {
    this.#child = child;
    this.folder = folder;
    this.#output = output;
  }

  /**
   * Starts a proxy.
   *
   * @param config makes the YAML text; gets a folder of its own
   * @throws {Error} with what the process wrote when it does not start
   */
  static async start(config: (folder: string) => string): Promise<ProxyProcess> {
    const folder = await makeTempDir("leak");
    const file = folder.file("es-proxy.yaml");
    await writeFile(file, config(folder.path));
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
    // Bytecode that V8 throws away when it is old would look like memory that was given back.
    const execArgv = [
      "--expose-gc",
      "--no-flush-bytecode",
      "--disable-warning=ExperimentalWarning",
    ];
    const child = fork(entry, [file], { execArgv, env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    let output = "";
    const keep = (chunk: Buffer): void =>
      void (output = (output + chunk.toString("utf8")).slice(-4000));
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    const subject = new ProxyProcess(child, folder, () => output);
    try {
      subject.#urls = ((await subject.#message()) as Ready).urls;
      return subject;
    } catch (error) {
      await subject[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Port of a listener. @throws {Error} for an unknown name */
  port(listener: string): number {
    const url = this.#urls[listener];
    if (url === undefined) throw new Error(`the proxy has no listener ${listener}`);
    return Number(new URL(url.replace(/^tcp:/u, "http:")).port);
  }

  probe(): Promise<Probe> {
    return this.#ask<Probe>({ ask: "probe" });
  }

  /** After a forced collection. */
  snapshot(): Promise<Snapshot> {
    return this.#ask<Snapshot>({ ask: "snapshot" });
  }

  /** After a forced collection. */
  liveBytes(): Promise<LiveBytes> {
    return this.#ask<LiveBytes>({ ask: "memory" });
  }

  async writeHeap(file: string): Promise<void> {
    await this.#ask({ ask: "heap", file });
  }

  async plant(name: PlantName | "nothing", every: number): Promise<void> {
    await this.#ask({ ask: "plant", plant: name, every });
  }

  async disk(state: DiskState): Promise<void> {
    await this.#ask({ ask: "disk", state });
  }

  async reload(text: string): Promise<void> {
    await this.#ask({ ask: "reload", text });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode, connected } = this.#child;
    if (exitCode === null && signalCode === null) {
      const exit = once(this.#child, "exit");
      if (connected) this.#child.send({ ask: "stop" } satisfies Question);
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
      await exit;
      clearTimeout(timer);
    }
    await this.folder.remove();
  }

  async #ask<T>(question: Question): Promise<T> {
    this.#child.send(question);
    const answer = (await this.#message()) as Answer;
    if ("failure" in answer)
      throw new Error(`the proxy under test, asked for ${question.ask}: ${answer.failure}`);
    // Each question has one type of answer; `proxy-under-test.ts` holds to it.
    return answer.value as T;
  }

  async #message(): Promise<unknown> {
    const ended = new AbortController();
    const onExit = (): void => ended.abort();
    this.#child.once("exit", onExit);
    try {
      const message = once(this.#child, "message", { signal: ended.signal });
      return (
        (await withDeadline("an answer of the proxy under test", message, answerMs)) as unknown[]
      )[0];
    } catch (error) {
      if (!ended.signal.aborted) throw error;
      throw new Error(`the proxy under test has ended:\n${this.#output()}`, { cause: error });
    } finally {
      this.#child.off("exit", onExit);
    }
  }
}
