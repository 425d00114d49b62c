/** What works beside the trail of a service: one of each, however many processes write to it. */
import { Follower, type FollowerEvent, type FollowerStatus } from "../audit/follow/follower.ts";
import type { KeepOptions } from "../audit/follow/follower-messages.ts";
import { ShipHost, type ShipStatus } from "../audit/ship/ship-host.ts";
import { targetName } from "../audit/ship/target-name.ts";
import type { AuditConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";

/** An event, as those who are not the trail hand it over. */
export type ServiceEvent = Pick<FollowerEvent, "action" | "outcome" | "fields"> &
  Partial<Pick<FollowerEvent, "type">>;

/** Between two looks for full segments that are to be compressed or pruned. Milliseconds. */
const keepEveryMs = 10_000;

/** The follower and what ships, as far as the configuration asks for them. */
export class TrailCompanions {
  readonly #follower: Follower | undefined;
  readonly #shipping: ShipHost | undefined;

  /** @param onEvent takes what belongs into the trail */
  constructor(audit: AuditConfig, log: Log, onEvent: (event: ServiceEvent) => void) {
    this.#follower = startFollower(audit, log, onEvent);
    this.#shipping = startShipping(audit, log, onEvent);
  }

  /** `undefined`: there is none. */
  get follower(): FollowerStatus | undefined {
    return this.#follower?.status(Date.now());
  }

  /** How far each target is; none when nothing is shipped. */
  get shipping(): readonly ShipStatus[] {
    return this.#shipping?.status(Date.now()) ?? [];
  }

  /** Follows and ships the rest, in bounded time. Call after the last record. */
  async close(): Promise<void> {
    // What the follower derives until its end is shipped, too.
    await this.#follower?.close();
    await this.#shipping?.close();
  }
}

function startFollower(
  audit: AuditConfig,
  log: Log,
  onEvent: (event: FollowerEvent) => void,
): Follower | undefined {
  const { directory, proof, watch, index } = audit;
  const facts = audit.facts ? { watch, index } : undefined;
  const keep = keepOptions(audit);
  const isNeeded = proof !== undefined || facts !== undefined || keep !== undefined;
  if (directory === "-" || !isNeeded) return undefined;
  const ships = audit.ship.map(({ nodes, dataStream }) => targetName(nodes, dataStream));
  return new Follower({ directory, proof, facts, keep, ships }, log, onEvent);
}

function startShipping(
  audit: AuditConfig,
  log: Log,
  onEvent: (event: ServiceEvent) => void,
): ShipHost | undefined {
  const { directory, ship, proof, facts } = audit;
  if (directory === "-" || ship.length === 0) return undefined;
  const options = { directory, targets: ship, origin: proof?.origin, hasFacts: facts };
  return new ShipHost(options, log, onEvent);
}

/** `undefined`: full segments stay as they are. */
function keepOptions({ archive, retain }: AuditConfig): KeepOptions | undefined {
  const { forMs, sizeBytes } = retain;
  const isArchived = archive.compress || archive.recipients.length > 0;
  if (!isArchived && !Number.isFinite(forMs) && !Number.isFinite(sizeBytes)) return undefined;
  return { archive, retain, everyMs: keepEveryMs };
}
