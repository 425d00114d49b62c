/** The audit trail of a process, its companions, and what the trail records about itself. */
import { createHash } from "node:crypto";

import type { TrailEvent } from "../audit/record/trail-event.ts";
import { sideLogState } from "../audit/store/side-log.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { AuditConfig, ProxyConfig } from "../config/config.ts";
import { openControlSocket, type ControlSocket } from "./control-socket.ts";
import { openPolicyWatch, type PolicyWatch } from "./policy-watch.ts";
import { openTrail, recoverOthers, type TrailParts } from "./open-audit-trail.ts";
import { TrailCompanions, type ServiceEvent } from "./trail-companions.ts";

/**
 * Opens and closes both in the right order: companions begin when the trail is open, and follow it
 * to its last record when it is closed.
 */
export class TrailService {
  readonly trail: AuditTrail;
  /** `undefined`: another process has them. */
  readonly companions: TrailCompanions | undefined;
  readonly #control: ControlSocket | undefined;
  readonly #policy: PolicyWatch | undefined;
  /**
   * A provable trail records when it was started, stopped and configured anew. Readers of a plain
   * trail may know exchanges only.
   */
  readonly #recordsItself: boolean;

  /**
   * @param config what the first record says of the configuration is its hash
   * @throws {ProxyError} ESP_ERR_AUDIT_DIRECTORY naming the directory and the reason
   */
  constructor(config: ProxyConfig, audit: AuditConfig, parts: TrailParts) {
    this.trail = openTrail(audit, parts);
    const { worker, version } = parts;
    if (worker === undefined) recoverOthers(audit, 0, parts);
    this.#recordsItself = audit.directory !== "-" && audit.proof !== undefined;
    this.#event({
      action: "audit.start",
      type: "info",
      outcome: "success",
      fields: {
        version,
        node: process.versions.node,
        pid: process.pid,
        ...(worker === undefined ? {} : { worker }),
        config_sha256: configHash(config),
        ...sideLogFields(audit.directory),
      },
    });
    if (worker !== undefined) return;
    this.#policy = openPolicyWatch(audit, parts.log, (event) => this.trail.event(event));
    this.#policy?.apply(config);
    this.companions = new TrailCompanions(audit, parts.log, (event) => this.record(event));
    this.#control = openControlSocket(audit, parts.log, {
      recordEvent: (event) => this.recordOperation(event),
      sealAudit: () => this.trail.seal(),
    });
  }

  /** Records what a companion has to say. */
  record({ action, type = "info", outcome, fields }: ServiceEvent): void {
    this.trail.event({ action, type, outcome, fields });
  }

  /**
   * Records what a command does with the trail, also where the trail records nothing else of
   * itself.
   *
   * @returns id of the record when it is stored; `undefined`: it could not be stored
   */
  recordOperation(event: TrailEvent): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const { dropped } = this.trail.stats;
    const id = this.trail.event(event, {
      recordStored: (isStored) => {
        const { dropped: droppedNow, isFailing } = this.trail.stats;
        resolve(isStored && !isFailing && dropped === droppedNow ? id : undefined);
      },
    });
    if (id === "") resolve(undefined);
    return promise;
  }

  /** Another configuration is in use, or was refused. */
  reloaded(config: ProxyConfig, problems: readonly string[]): void {
    if (problems.length === 0) this.#policy?.apply(config);
    this.#event({
      action: "audit.reload",
      type: "change",
      outcome: problems.length === 0 ? "success" : "failure",
      fields:
        problems.length === 0
          ? { config_sha256: configHash(config) }
          : { problems: problems.slice(0, 10) },
    });
  }

  /** The records are on disk when the promise is made; the follower signs them until it is kept. */
  async close(): Promise<void> {
    this.#event({
      action: "audit.stop",
      type: "info",
      outcome: "success",
      fields: { pid: process.pid },
    });
    this.#control?.close();
    await this.trail.close();
    await this.companions?.close();
  }

  #event(event: TrailEvent): void {
    if (this.#recordsItself) this.trail.event(event);
  }
}

/** What was recorded beside the trail until now is proven with this record from now on. */
function sideLogFields(directory: string): TrailEvent["fields"] {
  const state = directory === "-" ? undefined : sideLogState(directory);
  return state === undefined ? {} : { side_log_bytes: state.bytes, side_log_sha256: state.sha256 };
}

/** Tells configurations apart without telling what stands in them. */
function configHash(config: ProxyConfig): string {
  return createHash("sha256").update(JSON.stringify(config)).digest("hex");
}
