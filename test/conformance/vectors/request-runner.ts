import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import {
  type OriginConnection,
  type OriginExchange,
  RecordingOrigin,
  startOrigin,
} from "../../support/recording-origin.ts";
import { responseBytes } from "../../support/origin-scripts.ts";
import { waitFor } from "../../support/wait-for.ts";
import type { WireMessage } from "../../support/wire-message.ts";
import { bytesOf, type ProxyAddress, type RequestVector, silenceMs } from "./vector.ts";

/**
 * An origin for request vectors: strict, answers each request with its own target, and hangs up on
 * malformed bytes.
 */
export function startRequestOrigin(): Promise<RecordingOrigin> {
  return startOrigin({
    onHead: ({ connection, request }: OriginExchange) => {
      if (request.values("expect").length > 0)
        void connection.write("HTTP/1.1 100 Continue\r\n\r\n");
    },
    onRequest: ({ connection, request }) =>
      connection.write(
        responseBytes({
          body: answerTo(request.head.target),
          isHead: request.head.method === "HEAD",
        }),
      ),
    onConnection: (connection) =>
      connection.socket.on("data", () => {
        if (connection.parser.fault !== undefined) connection.socket.destroy();
      }),
  });
}

/**
 * Runs one vector over a fresh client connection; nothing else may use proxy and origin meanwhile.
 * Empty: it passed.
 */
export async function runRequestVector(
  vector: RequestVector,
  proxy: ProxyAddress,
  origin: RecordingOrigin,
): Promise<string[]> {
  const before = new Map(
    origin.connections.map((connection) => [connection, connection.requests.length]),
  );
  using client = await connectRaw(proxy);
  const targets = vector.expect === "reject" ? [] : (vector.targets ?? [`/v/${vector.id}`]);
  await sendVector(vector, client);
  const isDone = (): boolean =>
    client.end !== "open" ||
    client.fault !== undefined ||
    (vector.expect === "accept" && vector.tail === undefined && finals(client, targets.length));
  await client.untilSilence(isDone, 10_000, silenceMs);
  const problems =
    vector.expect === "accept"
      ? await judgeAccepted(vector, client, targets)
      : judgeRejected(vector, client);
  problems.push(...(await judgeOrigin(vector, origin, before, targets)));
  return problems;
}

function answerTo(target: string): string {
  return JSON.stringify({ target });
}

function finals(client: RawClient, count: number): boolean {
  return client.finals.length >= count && client.finals.every((message) => message.complete);
}

async function sendVector(vector: RequestVector, client: RawClient): Promise<void> {
  const bytes = bytesOf(vector);
  const methods = methodsOf(vector, bytes);
  if (vector.wait100 !== undefined) {
    client.send(bytes.subarray(0, vector.wait100), ...methods);
    await client.untilSilence(
      () => client.interims.length > 0 || client.end !== "open",
      10_000,
      silenceMs,
    );
    client.send(bytes.subarray(vector.wait100));
  } else if (vector.split !== undefined) await client.sendSplit(bytes, vector.split, ...methods);
  else client.send(bytes, ...methods);
  if (vector.fin === true) client.halfClose();
}

/**
 * The method of each request in the bytes, as far as the vector names targets; HEAD changes how
 * answers are read.
 */
function methodsOf(vector: RequestVector, bytes: Buffer): string[] {
  const text = bytes.toString("latin1");
  let from = 0;
  return (vector.targets ?? [`/v/${vector.id}`]).map((target) => {
    const at = text.indexOf(target, from);
    if (at < 0) return text.startsWith("HEAD ") ? "HEAD" : "GET";
    from = at + target.length;
    const line = text.slice(text.lastIndexOf("\n", at) + 1, at);
    return line.startsWith("HEAD ") ? "HEAD" : "GET";
  });
}

async function judgeAccepted(
  vector: RequestVector,
  client: RawClient,
  targets: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  if (vector.tail === "closed") {
    if (client.end === "open") problems.push("the connection was not closed");
  } else if (client.end === "open") {
    // Whatever else would come must come before our FIN is answered.
    client.halfClose();
    await client.untilSilence(() => client.end !== "open", 2000, 100);
  }
  const answers = client.finals;
  const extra = answers.slice(targets.length);
  const isExtraFine =
    vector.tail === "closed" && extra.length < 2 && extra.every((one) => one.head.status >= 400);
  if (answers.length < targets.length || (!isExtraFine && extra.length > 0))
    problems.push(`${answers.length} answers to ${targets.length} requests`);
  for (const [index, target] of targets.entries()) {
    const answer = answers[index];
    if (answer === undefined) continue;
    if (answer.head.status < 200 || answer.head.status > 299)
      problems.push(`${target} got ${answer.head.status}`);
    else if (answer.framing !== "none" && answer.body.toString() !== answerTo(target))
      problems.push(
        `${target} got the content ${JSON.stringify(answer.body.toString("latin1").slice(0, 80))}`,
      );
  }
  if (!client.isWhole) problems.push("the answer is cut or malformed");
  if (
    isHttp10(vector) &&
    (client.interims.length > 0 ||
      answers.some((one) => one.values("transfer-encoding").length > 0))
  )
    problems.push("an HTTP/1.0 client got an interim response or a transfer coding");
  if (problems.length > 0) problems.push(`client: ${client.describe()}`);
  return problems;
}

function judgeRejected(vector: RequestVector, client: RawClient): string[] {
  const problems: string[] = [];
  const final = client.finals[0];
  if (client.end === "open") problems.push("the connection was not closed");
  if (client.interims.length > 0)
    problems.push(`interim response ${client.interims[0]?.head.status}`);
  if (client.finals.length > 1) problems.push(`${client.finals.length} answers`);
  if (!(vector.status ?? []).includes(final?.head.status ?? 0))
    problems.push(
      `status ${final?.head.status ?? "none"}, allowed are ${vector.status?.join(" ")}`,
    );
  if (!client.isWhole) problems.push("the answer is cut or malformed");
  if (problems.length > 0) problems.push(`client: ${client.describe()}`);
  return problems;
}

async function judgeOrigin(
  vector: RequestVector,
  origin: RecordingOrigin,
  before: ReadonlyMap<OriginConnection, number>,
  targets: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  const used = (): OriginConnection[] =>
    origin.connections.filter(
      (one) =>
        one.requests.length > (before.get(one) ?? 0) || (!before.has(one) && one.byteCount > 0),
    );
  const isUnfinished = (one: OriginConnection): boolean => !one.parser.isBetweenMessages;
  // A refused message may have started to flow: then its connection has to end.
  await waitFor(
    "",
    () => used().every((one) => !isUnfinished(one) || one.end !== "open"),
    silenceMs,
  ).catch(() => problems.push("the upstream connection of an unfinished request stays open"));
  const fresh = used();
  for (const one of fresh) {
    if (one.parser.fault !== undefined)
      problems.push(`malformed bytes at the origin: ${one.parser.fault}`);
    if (one.parser.pending.length > 0 && one.parser.last?.complete !== false)
      problems.push("a cut head at the origin");
  }
  const requests = fresh.flatMap((one) => one.requests.slice(before.get(one) ?? 0));
  const complete = requests.filter((request) => request.complete);
  const seen = complete.map((request) => request.head.target);
  if (JSON.stringify(seen) !== JSON.stringify(inOrder(seen, targets)))
    problems.push(
      `the origin saw ${JSON.stringify(seen).slice(0, 300)}, expected ${JSON.stringify(targets).slice(0, 300)}`,
    );
  for (const request of requests) problems.push(...canonicalFaults(request));
  for (const request of complete) {
    const body = vector.bodies?.[targets.indexOf(request.head.target)];
    if (body !== undefined && request.body.toString("base64") !== body)
      problems.push(
        `content of ${request.head.target} at the origin is ${JSON.stringify(request.body.toString("latin1").slice(0, 80))}`,
      );
  }
  for (const name of vector.absent ?? [])
    if (complete.some((request) => request.values(name).length > 0))
      problems.push(`${name} was forwarded`);
  return problems;
}

/**
 * Pipelined requests may have used several upstream connections, so the listing is compared as a
 * set of equal size.
 */
function inOrder(seen: readonly string[], targets: readonly string[]): readonly string[] {
  return seen.length === targets.length &&
    [...seen].sort().join("\n") === [...targets].sort().join("\n")
    ? seen
    : targets;
}

/**
 * One Host, origin-form, our own version; legal bytes and one framing field are the origin's
 * parser's business.
 */
function canonicalFaults(request: WireMessage): string[] {
  const { method, target, version } = request.head;
  const faults: string[] = [];
  if (version !== "1.1") faults.push(`the origin got HTTP/${version}`);
  const hosts = request.values("host");
  if (hosts.length !== 1) faults.push(`the origin got ${hosts.length} Host fields`);
  if (!/^([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?$/.test(hosts[0] ?? ""))
    faults.push(`the origin got Host ${JSON.stringify(hosts[0])}`);
  if (!target.startsWith("/") && !(target === "*" && method === "OPTIONS"))
    faults.push(`the origin got the target ${target}`);
  return faults;
}

function isHttp10(vector: RequestVector): boolean {
  return /^[^\r\n]* HTTP\/1\.0\r\n/.test(bytesOf(vector).toString("latin1"));
}
