/** The record that a command leaves in the trail. */
import type { TrailEvent } from "../../audit/record/trail-event.ts";
import type { EventSink } from "../../audit/retention/event-sink.ts";
import { whoAsks } from "../../audit/operations/who-asks.ts";

/**
 * A sink that adds to each record who gave the command: user, host, command line. Every command
 * that records what it does to a trail does it through this.
 */
export function withWhoAsks(sink: EventSink, args = process.argv.slice(2)): EventSink {
  const asker = whoAsks(args);
  return {
    isLive: sink.isLive,
    record: (event: TrailEvent) => sink.record({ ...event, asker }),
    seal: () => sink.seal(),
  };
}
