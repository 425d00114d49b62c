/** Records about the trail itself in the `ecs` format. */
import type { Asker, TrailEvent } from "../../record/trail-event.ts";
import { jsonAscii, jsonString } from "../json-text.ts";

/** What follows the sequence number, up to the members that every record ends with. */
export function trailEventText(
  { action, type, outcome, asker, fields }: TrailEvent,
  id: string,
  process: string,
): string {
  return (
    `,"id":"${id}","action":${jsonString(action)},"category":["configuration"],` +
    `"type":["${type}"],"outcome":"${outcome}"},` +
    (asker === undefined ? "" : askerMembers(asker)) +
    `"es_proxy":{"record":"event","process":${process},"event":${jsonAscii(fields)}},`
  );
}

function askerMembers({ user, host, args }: Asker): string {
  return (
    `"user":{"name":${jsonString(user)}},"host":{"hostname":${jsonString(host)}},` +
    `"process":{"args":${jsonAscii(args)}},`
  );
}
