import { errorMessage } from "../core/system-error.ts";
import { Buffer } from "node:buffer";
import { failure, type Failure } from "./failure.ts";
import { parseRemote, type RemoteAddress } from "./remote-address.ts";

/** A decision after it was checked: what the rest of the router works on. */
export type ParsedDecision =
  | ForwardDecision
  | { readonly kind: "wait"; readonly reply: Uint8Array | undefined }
  | CloseNow;

/** Close, after the reply where there is one. */
export interface CloseNow {
  readonly kind: "close";
  readonly reply: Uint8Array | undefined;
}

/**
 * Connect to something and splice. Every absent option is `undefined`, so that all have one shape.
 */
export interface ForwardDecision {
  readonly kind: "forward";
  /** As the router wrote it: `remote`, or the pool's name. */
  readonly label: string;
  readonly target: ForwardTarget;
  readonly data: Uint8Array | undefined;
  readonly reply: Uint8Array | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly inactivityTimeoutMs: number | undefined;
}

/** A free address, or a pool by name. */
export type ForwardTarget =
  | ({ readonly kind: "remote" } & RemoteAddress)
  | { readonly kind: "pool"; readonly pool: string };

/** Either the decision, or why it is none. */
export type DecisionResult =
  | { readonly ok: true; readonly decision: ParsedDecision }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Checks once, and completely, what the user's function returned. Own enumerable keys count; a key
 * whose value is `undefined` is absent.
 */
export function parseDecision(value: unknown): DecisionResult {
  let fields: Readonly<Record<string, unknown>>;
  try {
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      value instanceof Uint8Array
    )
      return refused(
        failure(
          "ESP_ERR_TCP_DECISION_TYPE",
          `the router returned ${describe(value)}, not a decision`,
        ),
      );
    // Read once: a getter may throw, or give another value the next time.
    fields = { ...value };
  } catch (error) {
    const message = `the router's decision cannot be read: ${errorMessage(error)}`;
    return refused(failure("ESP_ERR_TCP_DECISION_VALUE", message));
  }
  let mask = 0;
  let problem: string | undefined;
  for (const key of Object.keys(fields)) {
    const field = fields[key];
    if (field === undefined) continue;
    const known = keys.get(key);
    if (known === undefined)
      return refused(
        failure(
          "ESP_ERR_TCP_DECISION_KEY",
          `the router's decision has an unknown key ${quote(key)}`,
        ),
      );
    mask |= known.bit;
    if (!known.holds(field)) problem ??= `${key} is ${describe(field)}: expected ${known.expected}`;
  }
  return parseFields(fields, mask, problem);
}

function parseFields(
  fields: Readonly<Record<string, unknown>>,
  mask: number,
  problem: string | undefined,
): DecisionResult {
  const verbs = mask & (remoteBit | poolBit | noopBit | closeBit);
  if (verbs === 0) return refused(failure("ESP_ERR_TCP_DECISION_EMPTY"));
  const allowed = allowedWith.get(verbs);
  if (allowed === undefined || (mask & ~allowed) !== 0)
    return refused(
      failure("ESP_ERR_TCP_DECISION_CONTRADICTION", `${names(mask)} do not go together`),
    );
  if (problem !== undefined) return refused(failure("ESP_ERR_TCP_DECISION_VALUE", problem));
  switch (verbs) {
    case noopBit:
      return { ok: true, decision: { kind: "wait", reply: toBytes(fields["reply"]) } };
    case closeBit:
      return { ok: true, decision: { kind: "close", reply: toBytes(fields["close"]) } };
    default:
      return parseForward(fields);
  }
}

function parseForward(fields: Readonly<Record<string, unknown>>): DecisionResult {
  const label = String(fields["remote"] ?? fields["pool"]);
  let target: ForwardTarget = { kind: "pool", pool: label };
  if (fields["remote"] !== undefined) {
    const remote = parseRemote(label);
    if (remote === undefined)
      return refused(
        failure(
          "ESP_ERR_TCP_DECISION_REMOTE",
          `the router's remote ${quote(label)} is not host:port`,
        ),
      );
    target = { kind: "remote", host: remote.host, port: remote.port };
  }
  return {
    ok: true,
    decision: {
      kind: "forward",
      label,
      target,
      data: toBytes(fields["data"]),
      reply: toBytes(fields["reply"]),
      connectTimeoutMs: toMs(fields["connectTimeoutMs"]),
      inactivityTimeoutMs: toMs(fields["inactivityTimeoutMs"]),
    },
  };
}

function toBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return Buffer.from(value);
  return value instanceof Uint8Array ? value : undefined;
}

function toMs(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function refused(problem: Failure): DecisionResult {
  return { ok: false, failure: problem };
}

function names(mask: number): string {
  return [...keys]
    .filter(([, { bit }]) => (mask & bit) !== 0)
    .map(([key]) => key)
    .join(", ");
}

function describe(value: unknown): string {
  if (
    value === null ||
    value === undefined ||
    typeof value === "boolean" ||
    typeof value === "number"
  )
    return String(value);
  if (value instanceof Uint8Array) return "bytes";
  if (typeof value === "string") return `the string ${quote(value)}`;
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

/** JSON escapes control bytes, so that a log line stays one line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

const remoteBit = 1;
const poolBit = 2;
const noopBit = 4;
const closeBit = 8;
const dataBit = 16;
const replyBit = 32;
const connectBit = 64;
const inactivityBit = 128;

const forwardBits = dataBit | replyBit | connectBit | inactivityBit;
/** For exactly one of the four verbs: all keys that may be there. */
const allowedWith: ReadonlyMap<number, number> = new Map([
  [remoteBit, remoteBit | forwardBits],
  [poolBit, poolBit | forwardBits],
  [noopBit, noopBit | replyBit],
  [closeBit, closeBit],
]);

interface ValueCheck {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const name: ValueCheck = {
  expected: "a non-empty string",
  holds: (value) => typeof value === "string" && value !== "",
};
const bytes: ValueCheck = {
  expected: "a string or bytes",
  holds: (value) => typeof value === "string" || value instanceof Uint8Array,
};
const milliseconds: ValueCheck = {
  expected: "milliseconds from more than 0 to 2147483647",
  // The upper bound is that of Node's timers: a longer delay would fire at once.
  holds: (value) => typeof value === "number" && value > 0 && value <= 2_147_483_647,
};
const yes: ValueCheck = { expected: "true", holds: (value) => value === true };
const yesOrBytes: ValueCheck = {
  expected: "true, a string or bytes",
  holds: (value) => value === true || bytes.holds(value),
};

const keys: ReadonlyMap<string, ValueCheck & { readonly bit: number }> = new Map([
  ["remote", { bit: remoteBit, ...name }],
  ["pool", { bit: poolBit, ...name }],
  ["noop", { bit: noopBit, ...yes }],
  ["close", { bit: closeBit, ...yesOrBytes }],
  ["data", { bit: dataBit, ...bytes }],
  ["reply", { bit: replyBit, ...bytes }],
  ["connectTimeoutMs", { bit: connectBit, ...milliseconds }],
  ["inactivityTimeoutMs", { bit: inactivityBit, ...milliseconds }],
]);
