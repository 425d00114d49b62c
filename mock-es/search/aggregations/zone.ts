/** `time_zone` of aggregations. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { inMember } from "../../json/object-parser.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { TimeZone } from "../../values/time-zone.ts";
import { zoneOf } from "../queries/range-query.ts";

/** ISO 8601 and java.time know no offset that is larger. */
const mostHours = 18;

/**
 * The zone of a body: a name or offset, or a number of hours; absent means UTC.
 *
 * @throws {EsError} for a zone that does not exist
 */
export function zoneIn(type: string, body: JsonObject): TimeZone {
  const { time_zone: given } = body;
  if (typeof given !== "number") return zoneOf(given);
  const hours = Math.trunc(given);
  if (!Number.isSafeInteger(hours)) throw illegalArgument(`no such number of hours as [${given}]`);
  if (Math.abs(hours) > mostHours)
    inMember(type, "time_zone", body, () => {
      const reason = `Zone offset hours not in valid range: value ${hours} is not in the range -${mostHours} to ${mostHours}`;
      throw new EsError(400, "date_time_exception", reason);
    });
  return zoneOf(`${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`);
}
