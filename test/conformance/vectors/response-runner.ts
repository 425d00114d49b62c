import { setTimeout as sleep } from "node:timers/promises";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import {
  type OriginConnection,
  type OriginExchange,
  type RecordingOrigin,
  startOrigin,
} from "../../support/recording-origin.ts";
import { responseBytes } from "../../support/origin-scripts.ts";
import { waitFor } from "../../support/wait-for.ts";
import { bytesOf, type ProxyAddress, type ResponseVector, silenceMs } from "./vector.ts";

const closeDelayMs = 25;
const lateDelayMs = 60;

/** An origin that answers `/r/<id>` with that vector's bytes and everything else properly. */
export class ResponseOrigin implements AsyncDisposable {
  readonly origin: RecordingOrigin;
  readonly #vectors: ReadonlyMap<string, ResponseVector>;
  readonly #finished = new Set<string>();

  private constructor(origin: RecordingOrigin, vectors: ReadonlyMap<string, ResponseVector>) {
    this.origin = origin;
    this.#vectors = vectors;
  }

  static async start(vectors: readonly ResponseVector[]): Promise<ResponseOrigin> {
    const known = new Map(vectors.map((vector) => [`/r/${vector.id}`, vector]));
    let self: ResponseOrigin | undefined;
    const origin = await startOrigin({ onRequest: (exchange) => self?.answer(exchange) });
    self = new ResponseOrigin(origin, known);
    return self;
  }

  /** Plays the vector that the target names. */
  async answer({ connection, request }: OriginExchange): Promise<void> {
    const { target, method } = request.head;
    const vector = this.#vectors.get(target);
    if (vector === undefined) {
      await connection.write(
        responseBytes({ body: JSON.stringify({ target }), isHead: method === "HEAD" }),
      );
      return;
    }
    const bytes = bytesOf(vector);
    const size = vector.split ?? Math.max(bytes.length, 1);
    for (let at = 0; at < bytes.length && !connection.isClosed; at += size) {
      await connection.write(bytes.subarray(at, at + size));
      if (vector.split !== undefined) await sleep(1);
    }
    if (vector.close !== undefined) {
      await sleep(closeDelayMs);
      if (vector.close === "fin") connection.fin();
      else connection.reset();
    }
    if (vector.late !== undefined) {
      await sleep(lateDelayMs);
      await connection.write(Buffer.from(vector.late, "base64"));
    }
    this.#finished.add(target);
  }

  /** Whether the vector has been played to its end, late bytes and closing included. */
  isFinished(vector: ResponseVector): boolean {
    return this.#finished.has(`/r/${vector.id}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.origin.close();
  }
}

/**
 * Runs one vector and the ordinary request behind it; others may run at the same time. Empty: it
 * passed.
 */
export async function runResponseVector(
  vector: ResponseVector,
  proxy: ProxyAddress,
  played: ResponseOrigin,
): Promise<string[]> {
  const target = `/r/${vector.id}`;
  const problems = await runExchange(vector, proxy, played, target);
  const carriers = played.origin.connections.filter((one) =>
    one.requests.some((request) => request.head.target === target),
  );
  if (vector.requestMethod === "POST" && played.origin.requestsFor(target).length > 1)
    problems.push("the POST was delivered more than once");
  if (vector.expect !== "pass" || vector.upstreamClosed === true)
    problems.push(...(await judgeUpstream(carriers)));
  problems.push(...(await runFollower(vector, proxy)));
  for (const carrier of carriers)
    if (vector.expect !== "pass" && carrier.requests.at(-1)?.head.target !== target)
      problems.push("the upstream connection was used again");
  for (const carrier of carriers)
    if (carrier.parser.fault !== undefined)
      problems.push(`malformed bytes at the origin: ${carrier.parser.fault}`);
  return problems;
}

async function runExchange(
  vector: ResponseVector,
  proxy: ProxyAddress,
  played: ResponseOrigin,
  target: string,
): Promise<string[]> {
  using client = await connectRaw(proxy);
  const body = vector.requestMethod === "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n";
  client.send(
    `${vector.requestMethod} ${target} HTTP/${vector.requestVersion ?? "1.1"}\r\nHost: es.test\r\n${body}`,
    vector.requestMethod,
  );
  await client.untilSilence(
    () => client.finals.some((one) => one.complete) || client.end !== "open",
    10_000,
    silenceMs,
  );
  await waitFor("", () => played.isFinished(vector), 2000).catch(() => undefined);
  const problems = judgeClient(vector, client);
  if (client.end === "open" && problems.length === 0) {
    client.halfClose();
    await client.untilSilence(() => client.end !== "open", 2000, 100);
    problems.push(...judgeClient(vector, client));
  }
  if (problems.length > 0) problems.push(`client: ${client.describe()}`);
  return problems;
}

function judgeClient(vector: ResponseVector, client: RawClient): string[] {
  const problems: string[] = [];
  const [final, ...more] = client.finals;
  if (client.fault !== undefined) problems.push(`malformed bytes at the client: ${client.fault}`);
  if (more.length > 0) problems.push(`${more.length + 1} responses`);
  const isBadGateway =
    final?.complete === true && (vector.status ?? [502]).includes(final.head.status);
  switch (vector.expect) {
    case "pass":
      problems.push(...judgePassed(vector, client));
      break;
    case "bad_gateway":
      if (!isBadGateway) problems.push(`no complete ${(vector.status ?? [502]).join(" or ")}`);
      break;
    case "truncated_visible":
      if (final?.complete === true && final.head.status !== 502)
        problems.push("the cut message looks complete");
      if (final?.complete !== true && client.end === "open")
        problems.push("the client is left waiting");
      break;
  }
  return problems;
}

function judgePassed(vector: ResponseVector, client: RawClient): string[] {
  const final = client.finals[0];
  if (final?.complete !== true) return ["no complete response"];
  const problems: string[] = [];
  if (!(vector.status ?? [200]).includes(final.head.status))
    problems.push(`status ${final.head.status}`);
  if (final.body.toString("base64") !== (vector.body ?? ""))
    problems.push(`content ${JSON.stringify(final.body.toString("latin1"))}`);
  if (!client.isWhole) problems.push("bytes behind the response");
  for (const name of vector.absent ?? [])
    if (final.values(name).length > 0) problems.push(`${name} reached the client`);
  for (const [name, values] of Object.entries(vector.fields ?? {}))
    if (JSON.stringify(final.values(name)) !== JSON.stringify(values))
      problems.push(`${name} is ${JSON.stringify(final.values(name))}`);
  if (
    vector.requestVersion === "1.0" &&
    (client.interims.length > 0 || final.values("transfer-encoding").length > 0)
  )
    problems.push("an HTTP/1.0 client got an interim response or a transfer coding");
  return problems;
}

async function judgeUpstream(carriers: readonly OriginConnection[]): Promise<string[]> {
  if (carriers.length === 0) return ["the request did not reach the origin"];
  const isEnded = (): boolean => carriers.every((one) => one.end !== "open" || one.isClosed);
  return waitFor("", isEnded, silenceMs).then(
    () => [],
    () => ["the upstream connection stays open"],
  );
}

/** An ordinary request on a new connection must get its own answer. */
async function runFollower(vector: ResponseVector, proxy: ProxyAddress): Promise<string[]> {
  const target = `/after/${vector.id}`;
  using client = await connectRaw(proxy);
  client.send(`GET ${target} HTTP/1.1\r\nHost: es.test\r\n\r\n`, "GET");
  await client.untilSilence(
    () => client.finals.some((one) => one.complete) || client.end !== "open",
    10_000,
    silenceMs,
  );
  const [answer, ...more] = client.finals;
  if (answer?.complete !== true || more.length > 0)
    return [`the next request got: ${client.describe()}`];
  const text = answer.body.toString("latin1");
  return text === JSON.stringify({ target })
    ? []
    : [`the next request got the content ${JSON.stringify(text)}`];
}
