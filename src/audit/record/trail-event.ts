/**
 * Something that concerns the trail itself: its start and stop, a reload, an erasure, a look at it.
 */

/** What an event is about; ECS `event.type` of the category `configuration`. */
export type TrailEventType = "info" | "change" | "access" | "creation" | "deletion";

/** Who gave a command. Only the system that it ran on vouches for it. */
export interface Asker {
  /** Name of the user; with sudo, of the user who called it. ECS `user.name`. */
  readonly user: string;
  /** ECS `host.hostname`. */
  readonly host: string;
  /** The command line without its secrets. ECS `process.args`. */
  readonly args: readonly string[];
}

/** One record of the trail about the trail. */
export interface TrailEvent {
  /** `event.action`, such as `audit.start`. */
  readonly action: string;
  readonly type: TrailEventType;
  readonly outcome: "success" | "failure";
  /** Who had it done; absent: the proxy itself. */
  readonly asker?: Asker | undefined;
  /** Details under `es_proxy.event`, named in snake case; never a secret. */
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
