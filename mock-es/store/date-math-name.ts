/** Names of indices that hold dates: `<logs-{now/d}>`, `<logs-{now/M{yyyy.MM|+01:00}}>`. */
import { EsError } from "../es-error.ts";
import { evaluateDate, printDate } from "../values/date.ts";
import { timeZone, type TimeZone, utc } from "../values/time-zone.ts";

/** Whose clock says what `now` is. */
export interface Clocked {
  readonly entropy: { readonly nowMs: () => number };
  /** Dates in names are none of what is read of a request first. */
  readonly beginAction: () => void;
}

const defaultFormat = "uuuu.MM.dd";

/**
 * Replaces date math such as `<logs-{now/d}>` by the name it means now; other names are returned as
 * they are. The date itself is read in the format that the name shows it in.
 *
 * @throws {EsError} 400 for what is no date math, and 500 for a zone that does not exist
 */
export function resolveDateMath(cluster: Clocked, name: string): string {
  if (!name.startsWith("<") || !name.endsWith(">")) return name;
  cluster.beginAction();
  const end = name.length - 1;
  let shown = "";
  /** What stands in the braces that are open. */
  let math: string | undefined;
  let isInFormat = false;
  for (let at = 1; at < end; at++) {
    const isEscaped = name.charAt(at) === "\\";
    if (isEscaped) at++;
    if (at === end) break;
    const char = name.charAt(at);
    if (math === undefined) {
      if (char === "{" && !isEscaped) math = "";
      else if (char === "}" && !isEscaped)
        throw invalid(
          name.slice(1),
          `invalid character at position [${at}]. \`{\` and \`}\` are reserved characters and should be escaped when used as part of the index name using \`\\\` (e.g. \`\\{text\\}\`)`,
        );
      else shown += char;
    } else if (isInFormat && isEscaped) math += char;
    else if (char === "{") {
      if (isInFormat)
        throw invalid(name.slice(1), `invalid character in placeholder at position [${at}]`);
      isInFormat = true;
      math += char;
    } else if (char === "}" && !isInFormat) {
      shown += dateOf(cluster, math);
      math = undefined;
    } else {
      if (char === "}") isInFormat = false;
      math += char;
    }
  }
  if (math !== undefined) throw invalid(name.slice(1), "date math placeholder is open ended");
  if (shown === "") throw parseProblem("nothing captured");
  return shown;
}

/** The date of `now/M{yyyy.MM|+01:00}`. */
function dateOf(cluster: Clocked, placeholder: string): string {
  const brace = placeholder.indexOf("{");
  if (brace >= 0 && !placeholder.endsWith("}"))
    throw invalid(placeholder, "missing closing `}` for date math format");
  if (brace >= 0 && brace === placeholder.length - 2)
    throw invalid(placeholder, "missing date format");
  const math = brace < 0 ? placeholder : placeholder.slice(0, brace);
  const given = brace < 0 ? defaultFormat : placeholder.slice(brace + 1, -1);
  const bar = given.indexOf("|");
  const format = bar < 0 ? given : given.slice(0, bar);
  const zone = bar < 0 ? utc : zoneOf(given.slice(bar + 1));
  const instant = evaluateDate(math, { format, nowMs: cluster.entropy.nowMs(), zone });
  return printDate(instant, format, zone);
}

function zoneOf(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone !== undefined) return zone;
  if (name.length < 2 || /^[+-]/.test(name))
    throw zoneProblem("date_time_exception", `Invalid ID for ZoneOffset, invalid format: ${name}`);
  if (!/^[A-Za-z][A-Za-z0-9~/._+-]+$/.test(name))
    throw zoneProblem(
      "date_time_exception",
      `Invalid ID for region-based ZoneId, invalid format: ${name}`,
    );
  throw zoneProblem("zone_rules_exception", `Unknown time-zone ID: ${name}`);
}

/** The server does not expect these. */
function zoneProblem(type: string, reason: string): EsError {
  return new EsError(500, type, reason);
}

function invalid(expression: string, reason: string): EsError {
  return parseProblem(`invalid dynamic name expression [${expression}]. ${reason}`);
}

function parseProblem(reason: string): EsError {
  return new EsError(400, "parse_exception", reason);
}
