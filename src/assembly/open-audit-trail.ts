import { readdirSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { readWholeFile } from "../core/read-file.ts";
import { factsKey } from "../audit/facts/facts-files.ts";
import { AuditTrail } from "../audit/trail/audit-trail.ts";
import { openDirectory } from "../audit/store/audit-directory.ts";
import type { DirectoryLock } from "../audit/store/directory-lock.ts";
import type { AuditConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/**
 * Records that may wait in memory, in bytes: the queue of `async`, and what could not be written
 * yet.
 */
const auditQueueBytes = 16 * 1024 * 1024;

/** What a trail needs beside its configuration. */
export interface TrailParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Number of the worker process; `undefined`: the only process. */
  readonly worker: number | undefined;
}

/** @throws {ProxyError} ESP_ERR_AUDIT_DIRECTORY naming the directory and the reason */
export function openTrail(
  audit: AuditConfig,
  { clock, log, version, worker }: TrailParts,
): AuditTrail {
  return AuditTrail.open({
    directory: audit.directory,
    format: audit.format,
    ecsResponse: audit.ecsResponse,
    durability: audit.durability,
    onFailure: audit.onFailure,
    bodies: audit.bodies,
    inlineBodyBytes: audit.body.inlineBytes,
    storesBodies: audit.body.store,
    rotateBytes: audit.rotate.sizeBytes,
    rotateMs: audit.rotate.everyMs,
    disk: audit.disk,
    queueBytes: auditQueueBytes,
    clock,
    log,
    worker,
    productVersion: version,
    redact: audit.redact.map(({ patterns, ...rule }) => ({
      ...rule,
      patterns: patterns.map((pattern) => new RegExp(pattern, "gu")),
    })),
    facts: {
      key: () => (audit.directory === "-" ? randomBytes(32) : factsKey(audit.directory)),
      watch: audit.watch,
    },
    onLost: audit.directory === "-" ? undefined : endProcess,
    hmacKey: audit.hmacKeyFile === undefined ? undefined : readWholeFile(audit.hmacKeyFile),
  });
}

/** Another process writes into the directory: what goes on here could not be recorded. */
function endProcess(): void {
  process.kill(process.pid, "SIGTERM");
}

/**
 * Closes the exchanges that processes of an earlier run left open and that no process of this one
 * continues: files of worker numbers beyond `workers`, and those of the other mode (one process or
 * several). Files in use are left alone.
 *
 * @param workers how many there are now; 0: the process relays itself
 */
export function recoverOthers(
  audit: AuditConfig,
  workers: number,
  parts: Omit<TrailParts, "worker">,
): void {
  if (audit.directory === "-") return;
  for (const worker of otherNumbers(audit.directory, workers))
    recoverOne(audit, { ...parts, worker });
}

/**
 * Takes the lock of the only process that relays for a supervisor, whose workers have locks of
 * their own: one service writes into a directory, whatever the number of its processes.
 *
 * @throws {ProxyError} ESP_ERR_AUDIT_DIRECTORY naming the directory and the reason
 */
export function takeService({ directory }: AuditConfig): DirectoryLock | undefined {
  return directory === "-" ? undefined : openDirectory(directory, "audit");
}

/**
 * Closes the exchanges that one process has left open that has ended and is not continued by
 * another with its number.
 */
export function recoverOne(audit: AuditConfig, parts: TrailParts): void {
  if (audit.directory === "-") return;
  try {
    const trail = openTrail(audit, parts);
    // Nobody goes on in its file, so nobody else would ever end it.
    trail.seal();
    void trail.close();
  } catch (error) {
    const reason = error instanceof ProxyError ? error.message : "unknown";
    parts.log.warn(
      { worker: parts.worker, reason },
      "audit files of an earlier process could not be looked through",
    );
  }
}

/** `undefined` stands for the files of a process that relayed alone. */
function otherNumbers(directory: string, workers: number): (number | undefined)[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  // The state file outlives a clean stop and a crash alike.
  const found = names.flatMap((name) => {
    const match = /^\.audit(?:\.(\d+))?\.(?:ndjson|log)\.state$/.exec(name);
    if (match === null) return [];
    return [match[1] === undefined ? undefined : Number(match[1])];
  });
  return [...new Set(found)].filter((number) =>
    number === undefined ? workers > 0 : number > workers,
  );
}
