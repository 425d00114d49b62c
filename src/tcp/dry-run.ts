import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/system-error.ts";
import { Connection } from "./connection.ts";
import { parseDecision, type ParsedDecision } from "./decision.ts";
import type { LoadedRouter } from "./options.ts";

/** The decision at one prefix of the recorded bytes. */
export interface TriedPrefix {
  /** Bytes that the function was shown. */
  readonly length: number;
  /** One line: what the decision is, or what is wrong with it. */
  readonly text: string;
  /** Whether a connection would go on after it. */
  readonly isError: boolean;
}

/**
 * Runs a router over every prefix of recorded bytes, shortest first, as a client would make it that
 * sends byte by byte, and gives the prefixes at which the decision changes. It goes on after a
 * decision, to show what other segments would give.
 *
 * @param limit longest prefix in bytes: the listener's preread limit
 */
export async function tryRouter(
  router: LoadedRouter,
  bytes: Buffer,
  limit: number,
  clock: Clock,
): Promise<TriedPrefix[]> {
  const nobody = new Socket();
  const id = "00000000-0000-7000-8000-000000000000";
  const changes: TriedPrefix[] = [];
  for (let length = 1; length <= Math.min(bytes.length, limit); length += 1) {
    const facts = {
      id,
      peer: undefined,
      local: undefined,
      proxy: undefined,
      tlsServerName: undefined,
      acceptedAt: clock.now(),
    };
    const connection = new Connection(nobody, facts, clock);
    const tried = await tryPrefix(router, bytes.subarray(0, length), connection);
    const last = changes.at(-1);
    if (last?.text !== tried.text) changes.push(tried);
  }
  return changes;
}

async function tryPrefix(
  router: LoadedRouter,
  prefix: Buffer,
  connection: Connection,
): Promise<TriedPrefix> {
  const { length } = prefix;
  let answer: unknown;
  try {
    answer = await router.route(prefix, connection);
  } catch (error) {
    const message = errorMessage(error);
    return { length, text: `error: ${router.locate(error)}: ${message}`, isError: true };
  }
  const result = parseDecision(answer);
  if (result.ok) return { length, text: describe(result.decision, prefix), isError: false };
  return {
    length,
    text: `error: ${result.failure.code}: ${result.failure.message}`,
    isError: true,
  };
}

function describe(decision: ParsedDecision, shown: Buffer): string {
  const reply = bytesText("reply", decision.reply);
  switch (decision.kind) {
    case "wait":
      return `noop${reply}`;
    case "close":
      return decision.reply === undefined ? "close" : `close${bytesText("with", decision.reply)}`;
    case "forward": {
      const { target, label, connectTimeoutMs, inactivityTimeoutMs } = decision;
      const data =
        decision.data === undefined || shown.equals(decision.data)
          ? ""
          : bytesText("data", decision.data);
      const connect = connectTimeoutMs === undefined ? "" : ` connectTimeoutMs ${connectTimeoutMs}`;
      const inactivity =
        inactivityTimeoutMs === undefined ? "" : ` inactivityTimeoutMs ${inactivityTimeoutMs}`;
      return `${target.kind} ${label}${reply}${data}${connect}${inactivity}`;
    }
    default:
      return decision satisfies never;
  }
}

function bytesText(name: string, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "";
  const start = Buffer.from(bytes.subarray(0, 40)).toString("latin1");
  const more = bytes.length > 40 ? `… (${bytes.length} bytes)` : "";
  return ` ${name} ${JSON.stringify(start).replace(/[\x7f-\xff]/g, hexEscape)}${more}`;
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16)}`;
}
