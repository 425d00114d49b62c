/** Asks the proxy that writes a trail to record something, through the socket in its directory. */
import { Buffer } from "node:buffer";
import { existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import * as net from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { membersOf, textAt } from "../format/audit-document.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import { DirectoryLock } from "../store/directory-lock.ts";
import { controlAddress, controlPath } from "../store/control-address.ts";
import { isJournalName } from "../store/segment-names.ts";

/** What a proxy is asked for, as one line of JSON. */
export type ControlRequest =
  | { readonly do: "record"; readonly event: TrailEvent }
  /** Ends the segments that are written to. */
  | { readonly do: "seal" }
  /** Is anybody there? */
  | { readonly do: "nothing" };

/** Its answer, as one line of JSON. */
export type ControlAnswer =
  /** Id of the record, which is stored; empty where none was asked for. */
  { readonly id: string } | { readonly error: string };

/** Why nobody has recorded it. */
export class ControlError extends Error {
  /** No proxy is there. */
  readonly isAbsent: boolean;

  constructor(message: string, isAbsent: boolean) {
    super(message);
    this.name = "ControlError";
    this.isAbsent = isAbsent;
  }
}

/** A proxy that does not answer is one that hangs. */
const answerMs = 5000;
/** A proxy that is being restarted has its lock file before it has its socket. */
const restartMs = 1500;
const lookMs = 50;
const maxAnswerBytes = 4096;

/**
 * Has an event recorded.
 *
 * @returns id of the record, which is stored
 * @throws {ControlError} when there is no proxy, or it cannot store the record
 */
export async function recordThroughProxy(directory: string, event: TrailEvent): Promise<string> {
  const end = performance.now() + restartMs;
  for (;;) {
    try {
      return await askProxy(directory, { do: "record", event });
    } catch (error) {
      const isStarting = error instanceof ControlError && error.isAbsent && isWritten(directory);
      if (!isStarting || performance.now() > end) throw error;
      await wait(lookMs);
    }
  }
}

/** Whether a process writes there. A lock file without a lock is what one that was killed left. */
function isWritten(directory: string): boolean {
  const path = join(directory, "audit.lock");
  return existsSync(path) && DirectoryLock.isSeenHeld(path);
}

/**
 * Asks once. @returns id of the record
 *
 * @throws {ControlError} when there is no proxy, or it refuses
 */
export async function askProxy(directory: string, request: ControlRequest): Promise<string> {
  refuseForeignSocket(directory);
  const address = controlAddress(directory);
  try {
    const answer = parsed(await exchange(address.path, `${JSON.stringify(request)}\n`));
    const id = textAt(answer, "id");
    if (id !== undefined) return id;
    throw new ControlError(textAt(answer, "error") ?? "it does not say why", false);
  } finally {
    address.release();
  }
}

/**
 * Whoever may write into the directory can put a socket there and take what is told to it. Only
 * root and the owner of the records are believed: nobody else can make a file of theirs.
 */
function refuseForeignSocket(directory: string): void {
  const stats = lstatSync(controlPath(directory), { throwIfNoEntry: false });
  if (stats === undefined) throw new ControlError("there is no socket", true);
  if (!stats.isSocket()) throw new ControlError("control.sock is no socket", false);
  if (stats.uid === 0 || ownersOf(directory).has(stats.uid)) return;
  throw new ControlError(
    `control.sock belongs to user ${stats.uid}, who does not own the records`,
    false,
  );
}

function ownersOf(directory: string): Set<number> {
  const journals = readdirSync(directory).filter(isJournalName);
  return new Set(journals.map((name) => statSync(join(directory, name)).uid));
}

function exchange(path: string, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = net.connect({ path });
  let text = "";
  const fail = (message: string, isAbsent: boolean): void => {
    reject(new ControlError(message, isAbsent));
    socket.destroy();
  };
  const timer = setTimeout(() => fail("it does not answer", false), answerMs);
  socket.setEncoding("utf8");
  socket.on("connect", () => socket.write(Buffer.from(line)));
  socket.on("data", (chunk: string) => {
    text += chunk;
    if (text.length > maxAnswerBytes) fail("its answer is too long", false);
  });
  socket.on("error", (error) => {
    const code = "code" in error ? String(error.code) : "";
    fail(code === "" ? error.message : code, ["ENOENT", "ECONNREFUSED"].includes(code));
  });
  socket.on("close", () => {
    clearTimeout(timer);
    // A proxy that ends closes its connections before it answers.
    if (text.endsWith("\n")) resolve(text);
    else reject(new ControlError("it ended before it answered", true));
  });
  return promise;
}

function parsed(text: string): ReturnType<typeof membersOf> {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    throw new ControlError("its answer cannot be read", false);
  }
}
