/** Tells when what is recorded is not what was recorded before. */
import type { TrailEvent } from "../audit/record/trail-event.ts";
import type { AuditConfig, ProxyConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { auditPolicy, keepPolicy, lastPolicy, policyChanges } from "./audit-policy.ts";

/** `undefined`: the trail has no directory. */
export function openPolicyWatch(
  { directory }: Pick<AuditConfig, "directory">,
  log: Log,
  tell: (event: TrailEvent) => void,
): PolicyWatch | undefined {
  return directory === "-" ? undefined : new PolicyWatch(directory, log, tell);
}

/**
 * Compares the policy with the one before, also with that of the last run, and makes an event of
 * what differs. One for a directory: with several workers their supervisor has it.
 */
export class PolicyWatch {
  readonly #directory: string;
  readonly #log: Log;
  readonly #tell: (event: TrailEvent) => void;

  constructor(directory: string, log: Log, tell: (event: TrailEvent) => void) {
    this.#directory = directory;
    this.#log = log;
    this.#tell = tell;
  }

  /** This configuration is in use. A trail that never recorded itself goes on so. */
  apply(config: ProxyConfig): void {
    const old = lastPolicy(this.#directory);
    if (old === undefined && config.audit?.proof === undefined) return;
    const next = auditPolicy(config);
    const changes = old === undefined ? [] : policyChanges(old, next);
    if (old !== undefined && changes.length === 0) return;
    if (changes.length > 0)
      this.#tell({
        action: "audit.policy_change",
        type: "change",
        outcome: "success",
        fields: { changes },
      });
    try {
      keepPolicy(this.#directory, next);
    } catch (error) {
      this.#log.warn({ code: errorCode(error) }, "the audit policy could not be kept");
    }
  }
}
