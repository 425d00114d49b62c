/** Takes what commands have to say about a trail while the proxy writes it. */
import { rmSync } from "node:fs";
import * as net from "node:net";

import type { ControlAnswer } from "../audit/operations/control-client.ts";
import { operationActions } from "../audit/operations/record-operation.ts";
import type { Asker, TrailEvent, TrailEventType } from "../audit/record/trail-event.ts";
import {
  controlAddress,
  controlPath,
  type ControlAddress,
} from "../audit/store/control-address.ts";
import type { AuditConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { removeLeftover } from "../core/remove-leftover.ts";
import { errorCode } from "../core/system-error.ts";

/** What can be asked for. */
export interface ControlTarget {
  /**
   * Records something about the trail.
   *
   * @returns id of the record when it is stored; `undefined`: it could not be stored
   */
  recordEvent(event: TrailEvent): Promise<string | undefined>;
  /** Ends the segments that are written to. */
  sealAudit(): void;
}

/** A line of an event with its arguments; more is no event. Bytes. */
const maxLineBytes = 262_144;
/** Who connects and says nothing. Milliseconds. */
const patienceMs = 5000;
const maxConnections = 16;
/** Of the socket: its owner alone may connect (unix(7)). */
const othersMask = 0o177;
const types: readonly TrailEventType[] = ["info", "change", "access", "creation", "deletion"];
/** Members of `es_proxy.event`. */
const maxFields = 40;

/** `undefined`: the trail has no directory. Whoever calls it has the lock of the directory. */
export function openControlSocket(
  { directory }: Pick<AuditConfig, "directory">,
  log: Log,
  target: ControlTarget,
): ControlSocket | undefined {
  return directory === "-" ? undefined : new ControlSocket(directory, target, log);
}

/**
 * A socket in the audit directory that its owner alone can use. Each connection brings one line of
 * JSON, `{"do":"record","event":{…}}` or `{"do":"seal"}`, and gets `{"id":…}` or `{"error":…}`
 * back. A connection holds nothing up and keeps no process alive.
 */
export class ControlSocket {
  readonly #directory: string;
  readonly #target: ControlTarget;
  readonly #log: Log;
  readonly #server: net.Server;
  readonly #address: ControlAddress;
  readonly #open = new Set<net.Socket>();

  /** Whoever calls it has the lock of the directory: a socket that lies there is nobody's. */
  constructor(directory: string, target: ControlTarget, log: Log) {
    this.#directory = directory;
    this.#target = target;
    this.#log = log;
    this.#address = controlAddress(directory);
    this.#server = net.createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = maxConnections;
    this.#server.on("error", (error) => this.#warn(error));
    try {
      rmSync(controlPath(directory), { force: true });
      // The file is made within the call, so that it never has other permissions.
      const mask = process.umask(othersMask);
      this.#server.listen({ path: this.#address.path, exclusive: true });
      process.umask(mask);
    } catch (error) {
      this.#warn(error);
    }
    this.#server.unref();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    this.#address.release();
    removeLeftover(controlPath(this.#directory));
  }

  /** Records go on without it: what commands do stands in the side log then. */
  #warn(error: unknown): void {
    this.#log.warn(
      { code: errorCode(error) },
      "commands cannot reach this process through the audit directory",
    );
  }

  #serve(socket: net.Socket): void {
    let text = "";
    this.#open.add(socket);
    socket.unref();
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#open.delete(socket));
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= maxLineBytes) return;
      socket.removeAllListeners("data");
      const line = end < 0 ? undefined : text.slice(0, end);
      const answer = (result: ControlAnswer): unknown => socket.end(`${JSON.stringify(result)}\n`);
      this.#obey(line).then(answer, (error: unknown) => {
        this.#log.error({ code: errorCode(error) }, "a command could not be recorded");
        answer({ error: "internal error" });
      });
    });
  }

  async #obey(line: string | undefined): Promise<ControlAnswer> {
    if (line === undefined) return { error: "the line is too long" };
    const message = membersOf(parsed(line));
    if (message.get("do") === "seal") {
      this.#target.sealAudit();
      return { id: "" };
    }
    if (message.get("do") !== "record") return { error: "unknown request" };
    const event = eventOf(message.get("event"));
    if (event === undefined) return { error: "this is no event of a command" };
    const id = await this.#target.recordEvent(event);
    return id === undefined ? { error: "the record could not be stored" } : { id };
  }
}

/** Checked member by member: what comes here is written into the trail. */
function eventOf(value: unknown): TrailEvent | undefined {
  const members = membersOf(value);
  const [action, outcome] = [members.get("action"), members.get("outcome")];
  const type = types.find((known) => known === members.get("type"));
  const asker = askerOf(members.get("asker"));
  const fields = fieldsOf(members.get("fields"));
  if (typeof action !== "string" || !operationActions.has(action)) return undefined;
  if (outcome !== "success" && outcome !== "failure") return undefined;
  return type && fields && asker && { action, type, outcome, asker, fields };
}

function askerOf(value: unknown): Asker | undefined {
  const members = membersOf(value);
  const [user, host, args] = ["user", "host", "args"].map((name) => members.get(name));
  if (typeof user !== "string" || typeof host !== "string" || !isTexts(args)) return undefined;
  return { user, host, args };
}

function fieldsOf(value: unknown): TrailEvent["fields"] | undefined {
  const entries = [...membersOf(value)];
  if (entries.length > maxFields) return undefined;
  const fields: Record<string, TrailEvent["fields"][string]> = {};
  for (const [name, item] of entries) {
    if (!/^[a-z][a-z0-9_]{0,60}$/.test(name) || !isField(item)) return undefined;
    fields[name] = item;
  }
  return fields;
}

function isField(value: unknown): value is TrailEvent["fields"][string] {
  return isTexts(value) || ["string", "number", "boolean"].includes(typeof value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function membersOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
