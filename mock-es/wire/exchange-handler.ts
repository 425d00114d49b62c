import type { IncomingMessage, ServerResponse } from "node:http";
import { illegalArgument } from "../es-error.ts";
import { type Fault, parseFault } from "../faults/fault.ts";
import { faultError } from "../faults/fault-error.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import type { RecordedExchange, Recorder } from "../recorder/recorder.ts";
import { type EsReply, type FailBulkItem, jsonReply } from "../rest/es-request.ts";
import { parseQueryString, type QueryParameters } from "../rest/query-parameters.ts";
import { errorReply, type RestController } from "../rest/rest-controller.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import type { HttpClient } from "../store/http-clients.ts";
import { type Answer, checkFormat, renderAnswer } from "./answer.ts";
import { admit, type Gate, parametersOf } from "./admission.ts";
import { isOfSecondary, usualChallenges } from "./authentication.ts";
import { deliverBroken, distortAnswer } from "./fault-delivery.ts";
import { noteBusy, noteIdle } from "./http-server.ts";
import { announcesBody, bodyTooLong, collectBody, decodeBody } from "./request-body.ts";

/** What an exchange needs; built once per mock. */
export interface ExchangeParts {
  readonly controller: RestController;
  readonly recorder: Recorder;
  readonly faults: FaultPlan;
  readonly gate: Gate;
  readonly maxBodyBytes: number;
  readonly allowsFaultHeader: boolean;
  readonly nowMs: () => number;
  readonly numberOf: (request: IncomingMessage) => number;
  /** The node that requests reach here. */
  readonly node: ClusterNode;
  /** What the node remembers of the connection. */
  readonly clientOf: (request: IncomingMessage) => HttpClient | undefined;
}

const noBody = Buffer.alloc(0);
const noQuery = parseQueryString("");
const noFaults: readonly Fault[] = [];
/** Field of a request that brings its own fault, when that is allowed. */
const faultField = "x-mock-es-fault";

/** Runs exchanges from the complete head to the last byte of the answer. */
export class ExchangeHandler {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Takes over a request whose head has arrived. */
  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { recorder, numberOf, nowMs } = this.#parts;
    const startedMs = performance.now();
    const { method = "GET", url: target = "/" } = request;
    const exchange = recorder.begin(numberOf(request), method, target, request.rawHeaders, nowMs());
    noteBusy(request.socket);
    this.#count(request);
    response.once("close", () => {
      this.#finish(request, response, exchange);
    });
    let faults: readonly Fault[];
    try {
      faults = this.#strike(request, exchange, method, target);
    } catch (error) {
      this.#send(
        request,
        response,
        exchange,
        renderAnswer(errorReply(error, noQuery), noQuery, "application/json", false),
      );
      return;
    }
    const early = faults.find((fault) => fault.kind === "early-answer");
    if (early !== undefined) {
      this.#answerEarly(request, response, exchange, early.status ?? 413);
    } else if (isTooLong(request, this.#parts.maxBodyBytes))
      this.#refuseLongBody(request, response, exchange);
    else if (announcesBody(request)) {
      collectBody(request, this.#parts.maxBodyBytes, (body) => {
        if (body === bodyTooLong) this.#refuseLongBody(request, response, exchange);
        else this.#dispatch(request, response, exchange, body, startedMs, faults);
      });
    } else this.#dispatch(request, response, exchange, noBody, startedMs, faults);
  };

  /** A client that asks before it sends a long body is told 413 without having sent it. */
  readonly onContinue = (request: IncomingMessage, response: ServerResponse): void => {
    if (!isTooLong(request, this.#parts.maxBodyBytes)) response.writeContinue();
    this.onRequest(request, response);
  };

  #count(request: IncomingMessage): void {
    const { node, clientOf } = this.#parts;
    const client = clientOf(request);
    if (client === undefined) return;
    const { "user-agent": agent, "x-opaque-id": id, "x-forwarded-for": by } = request.headers;
    const opaqueId = typeof id === "string" ? id : undefined;
    const forwardedFor = typeof by === "string" ? by : undefined;
    node.http.requested(client, { uri: request.url ?? "/", agent, opaqueId, forwardedFor });
  }

  #finish(request: IncomingMessage, response: ServerResponse, exchange: RecordedExchange): void {
    exchange.endedMs = this.#parts.nowMs();
    if (exchange.end === "pending")
      exchange.end = response.writableFinished ? "answered" : "aborted";
    noteIdle(request.socket);
  }

  #strike(
    request: IncomingMessage,
    exchange: RecordedExchange,
    method: string,
    target: string,
  ): readonly Fault[] {
    const { faults, allowsFaultHeader } = this.#parts;
    if (faults.isEmpty && !allowsFaultHeader) return noFaults;
    const struck = faults.strike(method, target);
    const own = allowsFaultHeader ? request.headers[faultField] : undefined;
    if (typeof own === "string") {
      try {
        struck.push(parseFault(JSON.parse(own)));
      } catch (error) {
        // A fault that cannot be read must not pass for one that did nothing.
        throw illegalArgument(`the field ${faultField} holds no fault: ${String(error)}`);
      }
    }
    if (struck.length > 0) exchange.faults = struck.map((fault) => fault.kind);
    return struck;
  }

  #dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: RecordedExchange,
    body: Buffer,
    startedMs: number,
    faults: readonly Fault[],
  ): void {
    this.#parts.recorder.body(exchange, body);
    const client = this.#parts.clientOf(request);
    if (client !== undefined) client.requestBytes += body.length;
    const answer = this.#answer(request, body, startedMs, faults);
    if (faults.length === 0) {
      this.#send(request, response, exchange, answer);
      return;
    }
    let delayMs = 0;
    for (const fault of faults) if (fault.kind === "latency") delayMs += fault.ms;
    const deliver = (): void => {
      this.#deliver(request, response, exchange, answer, faults);
    };
    if (delayMs === 0) deliver();
    else setTimeout(deliver, delayMs).unref();
  }

  #answer(
    request: IncomingMessage,
    raw: Buffer,
    startedMs: number,
    faults: readonly Fault[],
  ): Answer {
    const { headers } = request;
    const { method = "GET", url: target = "/" } = request;
    let answerType = "application/json";
    let query: QueryParameters = noQuery;
    let reply: EsReply;
    try {
      const scripted = faults.find((fault) => fault.kind === "status");
      const facts = { hasBody: raw.length > 0, isAnswered: scripted !== undefined };
      const { media, caller } = admit(this.#parts.gate, request, facts, (type) => {
        answerType = type;
      });
      if (scripted !== undefined) {
        reply = scriptedReply(scripted.status, scripted.retryAfterSeconds);
      } else {
        const body = decodeBody(raw, headers["content-encoding"], this.#parts.maxBodyBytes);
        const routed = this.#parts.controller.answer({
          node: this.#parts.node,
          method,
          target,
          body,
          contentType: media.contentType,
          prefersJson: media.prefersJson,
          accept: request.headers.accept,
          startedMs,
          opaqueId: textField(headers["x-opaque-id"]),
          caller,
          failBulkItem: bulkCallback(this.#parts.faults, faults),
        });
        ({ reply, query } = routed);
        if (query.has("format")) checkFormat(query.text("format"));
      }
      return this.#finishAnswer(
        request,
        renderAnswer(reply, query, answerType, takesGzip(request)),
      );
    } catch (error) {
      if (error === bodyTooLong)
        return { status: 413, headers: ["X-elastic-product", "Elasticsearch"], body: "" };
      const given = parametersOf(target);
      return this.#finishAnswer(
        request,
        renderAnswer(errorReply(error, given), given, answerType, takesGzip(request)),
        !isOfSecondary(error),
      );
    }
  }

  /** Fields that every answer gets from its request, and those that a 401 gets and loses. */
  #finishAnswer(request: IncomingMessage, answer: Answer, isChallenged = true): Answer {
    const opaqueId = request.headers["x-opaque-id"];
    if (typeof opaqueId === "string") answer.headers.push("X-Opaque-Id", opaqueId);
    if (answer.status === 401) {
      answer.headers.splice(0, 2);
      if (isChallenged)
        answer.headers.push(...(this.#parts.gate.authenticator?.challenges ?? usualChallenges));
    }
    return answer;
  }

  #deliver(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: RecordedExchange,
    answer: Answer,
    faults: readonly Fault[],
  ): void {
    if (response.destroyed || request.socket.destroyed) return;
    for (const fault of faults) distortAnswer(answer, fault);
    for (const fault of faults) {
      if (!deliverBroken(request, response, answer, fault)) continue;
      exchange.end = "faulted";
      if (fault.kind !== "reset" || fault.at !== "before-headers") exchange.status = answer.status;
      return;
    }
    this.#send(request, response, exchange, answer);
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: RecordedExchange,
    answer: Answer,
  ): void {
    const { body, headers, status } = answer;
    const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.length;
    this.#parts.recorder.answer(exchange, status, body, bytes);
    headers.push("content-length", String(bytes));
    // Like the real server: neither a Date nor, on HTTP/1.1, a Connection field that says what goes
    // without saying.
    response.sendDate = false;
    if (request.httpVersionMinor === 1 && response.shouldKeepAlive)
      response.removeHeader("connection");
    response.writeHead(status, headers);
    if (request.method === "HEAD" || bytes === 0) response.end();
    // Text that is all ASCII, as most is, takes the cheaper encoding; it then also leaves in one
    // piece with the head.
    else if (typeof body === "string")
      response.end(body, bytes === body.length ? "latin1" : "utf8");
    else response.end(body);
  }

  /**
   * 413 as the real server says it: without a body, and the connection ends because the rest of the
   * request is not read.
   */
  #refuseLongBody(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: RecordedExchange,
  ): void {
    this.#answerEarly(request, response, exchange, 413);
  }

  #answerEarly(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: RecordedExchange,
    status: number,
  ): void {
    this.#parts.recorder.answer(exchange, status, "", 0);
    response.sendDate = false;
    response.writeHead(status, [
      "X-elastic-product",
      "Elasticsearch",
      "content-length",
      "0",
      "connection",
      "close",
    ]);
    response.end();
    // What the client still sends is thrown away for a moment: closing at once would reset the
    // connection under the answer.
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), 1000);
    timer.unref();
    request.socket.once("close", () => {
      clearTimeout(timer);
    });
  }
}

function isTooLong(request: IncomingMessage, maxBytes: number): boolean {
  const length = request.headers["content-length"];
  return length !== undefined && Number(length) > maxBytes;
}

function takesGzip(request: IncomingMessage): boolean {
  const accepted = request.headers["accept-encoding"];
  if (accepted === undefined || request.method === "HEAD") return false;
  return (
    typeof accepted === "string" && /\b(?:gzip|\*)(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted)
  );
}

function scriptedReply(status: number, retryAfterSeconds: number | undefined): EsReply {
  const error = faultError(status);
  const retry =
    retryAfterSeconds === undefined ? undefined : ["Retry-After", String(retryAfterSeconds)];
  return jsonReply(error.toBody(), error.status, retry);
}

/** Decides which items of a bulk request fail, `undefined` when none can. */
function bulkCallback(plan: FaultPlan, faults: readonly Fault[]): FailBulkItem | undefined {
  const scripted = faults.filter((fault) => fault.kind === "bulk-items");
  const { onBulkItem } = plan;
  if (scripted.length === 0 && onBulkItem === undefined) return undefined;
  return (action) => {
    const chosen = onBulkItem?.(action);
    if (chosen !== undefined) return faultError(chosen, action.index);
    for (const fault of scripted) {
      if (fault.odds === undefined || plan.draw() < fault.odds)
        return faultError(fault.status, action.index);
    }
    return undefined;
  };
}

function textField(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
