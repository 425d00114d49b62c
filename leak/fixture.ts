import { respond } from "../test/support/origin-scripts.ts";
import { makeAuthority, writeIdentity } from "../test/support/certificates.ts";
import type { ConnectionEnd, RawClientOptions } from "../test/support/raw-client.ts";
import { connectRaw, type RawClient } from "../test/support/raw-client.ts";
import {
  type OriginScript,
  type RecordingOrigin,
  startOrigin,
} from "../test/support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../test/support/temp-dir.ts";
import type { WireMessage } from "../test/support/wire-message.ts";
import { ProxyProcess } from "./proxy-process.ts";

/** What the configuration of a scenario may use. */
export interface ConfigParts {
  /** Ports of two origins. */
  readonly origin: number;
  readonly second: number;
  /** The folder of the proxy; the audit belongs into `audit` below it. */
  readonly folder: string;
  /** Certificate and key for listeners, as files. */
  readonly cert: string;
  readonly key: string;
}

/** A proxy under test between an origin that plays scripts and clients without manners. */
export class LeakFixture implements AsyncDisposable {
  readonly subject: ProxyProcess;
  readonly origin: RecordingOrigin;
  /** The other origin of pools with two endpoints; plays the same scripts. */
  readonly second: RecordingOrigin;
  readonly parts: ConfigParts;
  readonly #scripts: Map<string, OriginScript>;
  readonly #files: TempDir;

  private constructor(
    subject: ProxyProcess,
    origins: readonly [RecordingOrigin, RecordingOrigin],
    parts: ConfigParts,
    scripts: Map<string, OriginScript>,
    files: TempDir,
  ) {
    this.subject = subject;
    [this.origin, this.second] = origins;
    this.parts = parts;
    this.#scripts = scripts;
    this.#files = files;
  }

  static async open(config: (parts: ConfigParts) => string): Promise<LeakFixture> {
    const scripts = new Map<string, OriginScript>();
    const ordinary = respond({ body: '{"ok":true}' });
    const onRequest: OriginScript = (exchange) =>
      (scripts.get(exchange.request.head.target) ?? ordinary)(exchange);
    const onHead: OriginScript = (exchange) =>
      scripts.get(`head of ${exchange.request.head.target}`)?.(exchange);
    const options = { onRequest, onHead, keepsBodies: false };
    const origins = [await startOrigin(options), await startOrigin(options)] as const;
    const files = await makeTempDir("leak-cert");
    const { cert, key } = await writeIdentity(
      files.path,
      "es",
      await (await makeAuthority()).server(),
    );
    let parts: ConfigParts | undefined;
    try {
      const subject = await ProxyProcess.start((folder) => {
        parts = { origin: origins[0].port, second: origins[1].port, folder, cert, key };
        return config(parts);
      });
      if (parts === undefined) throw new Error("the configuration was not made");
      return new LeakFixture(subject, origins, parts, scripts, files);
    } catch (error) {
      for (const origin of origins) await origin.close();
      await files.remove();
      throw error;
    }
  }

  /**
   * Plays `script` for complete requests to this target; everything else gets 200 and
   * `{"ok":true}`.
   */
  when(target: string, script: OriginScript): void {
    this.#scripts.set(target, script);
  }

  /** Plays `script` as soon as the head of a request to this target is there. */
  whenHead(target: string, script: OriginScript): void {
    this.#scripts.set(`head of ${target}`, script);
  }

  client(
    options: Partial<RawClientOptions> & { readonly listener?: string } = {},
  ): Promise<RawClient> {
    return connectRaw({
      port: this.subject.port(options.listener ?? "http"),
      keepsBodies: false,
      ...options,
    });
  }

  /** One request on a connection of its own. @throws {Error} unless the answer has this status */
  async exchange(
    request: string | Buffer,
    status = 200,
    options: Parameters<LeakFixture["client"]>[0] = {},
  ): Promise<WireMessage> {
    using client = await this.client(options);
    client.send(request, methodOf(request));
    const answer = await client.response();
    expectStatus(answer, status);
    return answer;
  }

  /** Runs the same thing `count` times at once. */
  async times(count: number, body: (index: number) => Promise<unknown>): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => body(index)));
  }

  /**
   * Closes the idle connections of the proxy from the other end, as a server does that restarts.
   */
  closeUpstream(): void {
    for (const origin of [this.origin, this.second])
      for (const { socket } of origin.connections) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.subject[Symbol.asyncDispose]();
    await this.origin.close();
    await this.second.close();
    await this.#files.remove();
  }
}

/**
 * @throws {Error} when the answer has another status: a load that does not do what it says proves
 *   nothing
 */
export function expectStatus(answer: WireMessage, status: number): void {
  if (answer.head.status !== status)
    throw new Error(`expected ${status}, got ${answer.head.status}`);
}

/** @throws {Error} when the connection ended in another way */
export function expectEnd(end: ConnectionEnd, ...allowed: readonly ConnectionEnd[]): void {
  if (!allowed.includes(end))
    throw new Error(`expected the connection to end with ${allowed.join(" or ")}, got ${end}`);
}

/** A request with `Host` and, with a body, `Content-Length` and JSON's media type. */
export function request(method: string, target: string, body?: string | Buffer, more = ""): Buffer {
  const fields =
    body === undefined
      ? ""
      : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nHost: leak.example\r\n${fields}${more}\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body ?? "")]);
}

function methodOf(bytes: string | Buffer): string {
  return (
    (typeof bytes === "string" ? bytes : bytes.toString("latin1", 0, 16)).split(" ", 1)[0] ?? "GET"
  );
}
