/** What worker processes have in common of an audit directory, held by their supervisor. */
import { openControlSocket, type ControlSocket } from "../assembly/control-socket.ts";
import { recoverOne, recoverOthers, takeService } from "../assembly/open-audit-trail.ts";
import { openPolicyWatch, type PolicyWatch } from "../assembly/policy-watch.ts";
import { TrailCompanions, type ServiceEvent } from "../assembly/trail-companions.ts";
import type { TrailEvent } from "../audit/record/trail-event.ts";
import type { DirectoryLock } from "../audit/store/directory-lock.ts";
import type { AuditConfig, ProxyConfig } from "../config/config.ts";
import { SystemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** The lock of the service, the follower, the control socket, and the policy in use. */
export class SharedAudit {
  readonly #audit: AuditConfig;
  readonly #version: string;
  readonly #log: Log;
  readonly #members: () => Iterable<WorkerHandle>;
  readonly #lock: DirectoryLock | undefined;
  /** What follows the journals of all workers. */
  readonly companions: TrailCompanions;
  #control: ControlSocket | undefined = undefined;
  #policy: PolicyWatch | undefined = undefined;

  /**
   * Closes what processes of an earlier run left open, and takes the lock.
   *
   * @param workers how many there will be
   * @param members those that live; one of them writes what is to be recorded
   * @throws {ProxyError} ESP_ERR_AUDIT_DIRECTORY naming the directory and the reason
   */
  constructor(
    audit: AuditConfig,
    workers: number,
    parts: {
      readonly version: string;
      readonly log: Log;
      readonly members: () => Iterable<WorkerHandle>;
    },
  ) {
    const { version, log, members } = parts;
    this.#audit = audit;
    this.#version = version;
    this.#log = log;
    this.#members = members;
    recoverOthers(audit, workers, { clock: new SystemClock(), log, version });
    this.#lock = takeService(audit);
    this.companions = new TrailCompanions(audit, log, (event) => this.record(event));
  }

  /** The workers are ready: what they are told is recorded. */
  begin(config: ProxyConfig): void {
    const [audit, log] = [this.#audit, this.#log];
    const recordEvent = (event: TrailEvent): Promise<string | undefined> =>
      this.#recordOperation(event);
    const sealAudit = (): void => {
      for (const member of this.#members()) member.send({ type: "seal" });
    };
    this.#control = openControlSocket(audit, log, { recordEvent, sealAudit });
    this.#policy = openPolicyWatch(audit, log, (event) => void recordEvent(event));
    this.#policy?.apply(config);
  }

  /** Another configuration is in use. */
  follow(config: ProxyConfig): void {
    this.#policy?.apply(config);
  }

  /** A worker that was to end has died instead, so no worker continues its audit files. */
  recover(worker: number): void {
    const [version, log] = [this.#version, this.#log];
    recoverOne(this.#audit, { clock: new SystemClock(), log, version, worker });
  }

  /** The workers end: nothing is recorded for others any more. */
  leave(): void {
    this.#control?.close();
    this.#control = undefined;
  }

  /** The workers have written their last records. */
  async close(): Promise<void> {
    this.leave();
    await this.companions.close();
    this.#lock?.release();
  }

  /** Any worker will do: it is told what its trail has to know. */
  record(event: ServiceEvent): void {
    const ready = [...this.#members()].find(({ state }) => state === "ready");
    ready?.send({ type: "event", event });
  }

  /** Another worker is asked when one does not answer: it may be ending. */
  async #recordOperation(event: TrailEvent): Promise<string | undefined> {
    for (const member of this.#members()) {
      if (member.state !== "ready" && member.state !== "draining") continue;
      const id = await member.record(event);
      if (id !== undefined) return id;
    }
    return undefined;
  }
}
