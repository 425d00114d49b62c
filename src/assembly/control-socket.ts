/** Takes what commands have to say about a trail while the proxy writes it. */
import { chmodSync, rmSync } from "node:fs";
import * as net from "node:net";

import type { TrailEvent, TrailEventType } from "../audit/record/trail-event.ts";
import {
  controlAddress,
  controlPath,
  type ControlAddress,
} from "../audit/store/control-address.ts";
import type { AuditConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";

/** What can be asked for. */
export interface ControlTarget {
  /** Records something about the trail. */
  recordEvent(event: TrailEvent): void;
  /** Ends the segments that are written to. */
  sealAudit(): void;
}

/** A line of an event with its arguments; more is no event. Bytes. */
const maxLineBytes = 65_536;
/** Who connects and says nothing. Milliseconds. */
const patienceMs = 5000;
const maxConnections = 16;
const actionPattern = /^audit\.[a-z_]{1,40}$/;
const types: readonly TrailEventType[] = ["info", "change", "access", "creation", "deletion"];

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
 * JSON, `{"do":"record","event":{…}}` or `{"do":"seal"}`, and gets one back.
 */
export class ControlSocket {
  readonly #directory: string;
  readonly #target: ControlTarget;
  readonly #server: net.Server;
  readonly #address: ControlAddress;

  /** Whoever calls it has the lock of the directory: a socket that lies there is nobody's. */
  constructor(directory: string, target: ControlTarget, log: Log) {
    this.#directory = directory;
    this.#target = target;
    this.#address = controlAddress(directory);
    this.#server = net.createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = maxConnections;
    this.#server.on("error", (error) =>
      log.warn(
        { code: errorCode(error) },
        "commands cannot reach this process through the audit directory",
      ),
    );
    rmSync(controlPath(directory), { force: true });
    this.#server.listen(this.#address.path, () => {
      chmodSync(controlPath(directory), 0o600);
    });
    this.#server.unref();
  }

  close(): void {
    this.#server.close();
    this.#address.release();
    rmSync(controlPath(this.#directory), { force: true });
  }

  #serve(socket: net.Socket): void {
    let text = "";
    socket.unref();
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= maxLineBytes) return;
      socket.removeAllListeners("data");
      const problem = end < 0 ? "the line is too long" : this.#obey(text.slice(0, end));
      const answer = problem === undefined ? { ok: true } : { ok: false, error: problem };
      socket.end(`${JSON.stringify(answer)}\n`);
    });
  }

  /** @returns what is wrong with the line */
  #obey(line: string): string | undefined {
    const message = membersOf(parse(line));
    switch (message.get("do")) {
      case "seal":
        this.#target.sealAudit();
        return undefined;
      case "record": {
        const event = eventOf(message.get("event"));
        if (event === undefined) return "this is no event";
        this.#target.recordEvent(event);
        return undefined;
      }
      default:
        return "unknown request";
    }
  }
}

function eventOf(value: unknown): TrailEvent | undefined {
  const members = membersOf(value);
  const [action, outcome] = [members.get("action"), members.get("outcome")];
  const type = types.find((known) => known === members.get("type"));
  const fields = fieldsOf(members.get("fields"));
  if (typeof action !== "string" || !actionPattern.test(action)) return undefined;
  if (outcome !== "success" && outcome !== "failure") return undefined;
  return type && fields && { action, type, outcome, fields };
}

function fieldsOf(value: unknown): TrailEvent["fields"] | undefined {
  const fields = Object.fromEntries(membersOf(value));
  return Object.entries(fields).every(([name, item]) => isName(name) && isField(item))
    ? // Just looked at.
      (fields as TrailEvent["fields"])
    : undefined;
}

function isName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,60}$/.test(name);
}

function isField(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every((item) => typeof item === "string")
    : ["string", "number", "boolean"].includes(typeof value);
}

function membersOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
