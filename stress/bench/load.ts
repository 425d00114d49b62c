/**
 * The load: a closed loop over keep-alive connections which sends the same requests to every proxy
 * and checks every answer.
 *
 * A process of its own, driven by messages (see `messages.ts`). Leaner than a general load
 * generator, because on a small computer the generator otherwise takes the CPU that the proxy
 * should be saturated with.
 */
import type { Socket } from "node:net";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { AnswerReader } from "./answer-reader.ts";
import type { LoadCommand, LoadExchange, LoadReport, LoadTarget } from "./messages.ts";
import { idOffset, stampOffset, stampText } from "./stamp.ts";
import { percentileOf } from "./statistics.ts";

const maxErrorsInWords = 5;
const stallMs = 30_000;
/** Milliseconds between two instants at which requests of a fixed rate are due. */
const tickMs = 1;

/** A request as one connection sends it, and what reads its answer. */
class Prepared {
  /** A copy of its own: its stamps change, and the bytes must not while they are being sent. */
  readonly request: Buffer;
  readonly reader: AnswerReader;
  readonly #stampAt: number;
  readonly #idAt: number;

  constructor({ request, expectedBody }: LoadExchange, status: number) {
    this.request = Buffer.from(request, "latin1");
    this.reader = new AnswerReader(status, Buffer.from(expectedBody, "latin1"));
    this.#stampAt = stampOffset(request);
    this.#idAt = idOffset(request);
  }

  mark(text: string): void {
    if (this.#stampAt !== -1) this.request.write(text, this.#stampAt, "latin1");
    if (this.#idAt !== -1) this.request.write(text, this.#idAt, "latin1");
  }
}

class LoadConnection {
  /** `undefined`: each request has a connection of its own. */
  socket: Socket | undefined = undefined;
  readonly target: LoadTarget;
  readonly exchanges: readonly Prepared[];
  /** The one that is under way. */
  current: Prepared | undefined = undefined;
  startedMs = 0;
  isBusy = false;

  constructor(target: LoadTarget) {
    this.target = target;
    this.exchanges = target.exchanges.map(
      (exchange) => new Prepared(exchange, target.expectedStatus),
    );
  }
}

let connections: LoadConnection[] = [];
let serial = 0;
let issued = 0;
let completed = 0;
let wanted = 0;
let latencies = new Float64Array(0);
/** How late this process noticed that requests were due; at a fixed rate only. */
let delays = new Float64Array(0);
let errors: string[] = [];
let errorCount = 0;
/**
 * Instants at which requests were due that wait for a free connection; used at a fixed rate only.
 */
let due: number[] = [];
let isPaced = false;
let finish: (() => void) | undefined;

process.on("message", (command: LoadCommand) => {
  void perform(command).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit(0));
console.error("load ready");

async function perform(command: LoadCommand): Promise<LoadReport> {
  switch (command.kind) {
    case "open": {
      errors = [];
      errorCount = 0;
      connections = [];
      for (let at = 0; at < command.target.connections; at += 1)
        connections.push(await open(command.target));
      return reportOf(0);
    }
    case "run":
      return run(command.requests, command.perSecond);
    case "close":
      for (const { socket } of connections) socket?.destroy();
      connections = [];
      return reportOf(0);
  }
}

async function open(target: LoadTarget): Promise<LoadConnection> {
  const connection = new LoadConnection(target);
  if (target.isShort) return connection;
  const socket = dial(connection);
  connection.socket = socket;
  await new Promise<void>((resolve) => {
    socket.once(target.tls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", () => resolve());
  });
  return connection;
}

function dial(connection: LoadConnection): Socket {
  const { port, tls, isShort } = connection.target;
  const socket = tls
    ? connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false })
    : connect({ host: "127.0.0.1", port });
  socket.setNoDelay(true);
  socket.on("data", (chunk: Buffer) => onData(connection, chunk));
  socket.on("error", (error: Error) => fail(`connection failed: ${error.message}`));
  socket.on("close", () => {
    if (isShort && connection.socket !== socket) return;
    if (connection.isBusy) fail("connection closed before the answer was complete");
    else if (connections.includes(connection) && issued < wanted)
      fail("connection closed between two requests");
  });
  return socket;
}

async function run(requests: number, perSecond: number | undefined): Promise<LoadReport> {
  issued = 0;
  completed = 0;
  wanted = requests;
  latencies = new Float64Array(requests);
  delays = new Float64Array(perSecond === undefined ? 0 : requests);
  const startedMs = performance.now();
  if (errorCount === 0) {
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const watch = watchForStall();
    isPaced = perSecond !== undefined;
    const pace = perSecond === undefined ? undefined : startPace(perSecond, requests);
    if (!isPaced) for (const connection of connections) send(connection, performance.now());
    await done;
    clearInterval(pace);
    clearInterval(watch);
  }
  return reportOf(performance.now() - startedMs);
}

function watchForStall(): NodeJS.Timeout {
  let before = -1;
  return setInterval(() => {
    if (completed === before) fail(`no answer within ${stallMs} ms after ${completed} answers`);
    before = completed;
  }, stallMs);
}

/**
 * Starts requests at a fixed rate, those of a tick together. Latency counts from the tick at which
 * a request was due by the clock, whether or not it could be sent then: a proxy that stalls is
 * charged for the requests that it kept from being sent, and this process for its own delays.
 */
function startPace(perSecond: number, requests: number): NodeJS.Timeout {
  const startedMs = performance.now();
  let announced = 0;
  let ticks = 0;
  due = [];
  return setInterval(() => {
    const sinceMs = performance.now() - startedMs;
    const passed = Math.floor(sinceMs / tickMs);
    for (; ticks < passed; ticks += 1) {
      const tick = (ticks + 1) * tickMs;
      const wantedByThen = Math.min(requests, Math.floor((tick * perSecond) / 1000));
      for (; announced < wantedByThen; announced += 1) {
        due.push(startedMs + tick);
        delays[announced] = sinceMs - tick;
      }
    }
    for (const connection of connections) sendDue(connection);
  }, tickMs);
}

function sendDue(connection: LoadConnection): void {
  if (connection.isBusy) return;
  const instant = due.shift();
  if (instant !== undefined) send(connection, instant);
}

function send(connection: LoadConnection, startedMs: number): void {
  if (issued >= wanted) return;
  const exchange = connection.exchanges[issued % connection.exchanges.length];
  if (exchange === undefined) return;
  issued += 1;
  serial += 1;
  connection.isBusy = true;
  connection.startedMs = startedMs;
  connection.current = exchange;
  exchange.mark(stampText(serial));
  connection.socket ??= dial(connection);
  connection.socket.write(exchange.request);
}

function onData(connection: LoadConnection, chunk: Buffer): void {
  if (errorCount > 0) return;
  const reader = connection.current?.reader;
  if (!connection.isBusy || reader === undefined) {
    fail("bytes arrived that no request asked for");
    return;
  }
  const problem = reader.read(chunk);
  if (problem !== undefined) {
    fail(problem);
    return;
  }
  if (!reader.isComplete) return;
  reader.reset();
  connection.isBusy = false;
  if (connection.target.isShort) {
    connection.socket?.end();
    connection.socket = undefined;
  }
  const now = performance.now();
  latencies[completed] = now - connection.startedMs;
  completed += 1;
  if (completed === wanted) finish?.();
  else if (isPaced) sendDue(connection);
  else send(connection, now);
}

/** One error ends the round: figures of a proxy which answers wrongly are worth nothing. */
function fail(problem: string): void {
  errorCount += 1;
  if (errors.length < maxErrorsInWords) errors.push(problem);
  due = [];
  for (const connection of connections) connection.isBusy = false;
  wanted = 0;
  finish?.();
}

function reportOf(elapsedMs: number): LoadReport {
  const sorted = latencies.subarray(0, completed).sort();
  return {
    completed,
    errors,
    errorCount,
    elapsedMs,
    p50Ms: percentileOf(sorted, 0.5),
    p99Ms: percentileOf(sorted, 0.99),
    lateP99Ms: delays.length === 0 ? 0 : percentileOf(delays.sort(), 0.99),
  };
}
