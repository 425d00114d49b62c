/**
 * Something that concerns the trail itself: its start and stop, a reload, an erasure, a look at it.
 */

/** What an event is about; ECS `event.type` of the category `configuration`. */
export type TrailEventType = "info" | "change" | "access" | "creation" | "deletion";

/** One record of the trail about the trail. */
export interface TrailEvent {
  /** `event.action`, such as `audit.start`. */
  readonly action: string;
  readonly type: TrailEventType;
  readonly outcome: "success" | "failure";
  /** Details under `es_proxy.event`, named in snake case; never a secret. */
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
