/** Date math in index names: `<static{math{format|zone}}>`. */
import { formatDate } from "./date-format.ts";
import { type TimeZone, TimeZones, utc } from "./time-zone.ts";
import { type DateMathUnit, ZonedTime } from "./zoned-time.ts";

/** What an expression in `<…>` names at a given time. */
export type ResolvedDateMath =
  | { readonly kind: "resolved"; readonly name: string }
  /** The syntax is right, but a date cannot be told with certainty; it stands as `*` in `name`. */
  | { readonly kind: "unresolved"; readonly name: string }
  /** Elasticsearch refuses it. */
  | { readonly kind: "invalid" };

/**
 * Resolves date math as Elasticsearch does ("Date math support in index and index alias names"):
 * static text and any number of `{…}`; inside, `now` with `+1d`, `-2M` and `/w`, then optionally a
 * format and a time zone. `\` escapes braces in static text and inside a format.
 *
 * @param expression with its `<` and `>`, without cluster, sign and selector
 * @param nowMs time of the request, milliseconds since 1970
 */
export function resolveDateMath(
  expression: string,
  nowMs: number,
  zones: TimeZones = new TimeZones(),
): ResolvedDateMath {
  const placeholders = new PlaceholderScan(expression.slice(1, -1));
  if (!placeholders.run()) return invalid;
  let name = "";
  let isResolved = true;
  for (const part of placeholders.parts) {
    if (!part.isPlaceholder) {
      name += part.text;
      continue;
    }
    const placeholder = parsePlaceholder(part.text);
    if (placeholder === undefined) return invalid;
    const date = placeholderDate(placeholder, nowMs, zones);
    if (date === undefined) isResolved = false;
    name += date ?? "*";
  }
  if (name === "") return invalid;
  return { kind: isResolved ? "resolved" : "unresolved", name };
}

const invalid: ResolvedDateMath = { kind: "invalid" };

interface NamePart {
  readonly isPlaceholder: boolean;
  readonly text: string;
}

/** Separates static text from placeholders; `{` and `}` of a format stay in the placeholder. */
class PlaceholderScan {
  readonly parts: NamePart[] = [];
  readonly #text: string;
  #static = "";
  #placeholder = "";
  #depth: 0 | 1 | 2 = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns false when the braces are wrong */
  run(): boolean {
    let isEscaped = false;
    for (const char of this.#text) {
      if (char === "\\") {
        // An escaped backslash lands in the static text wherever it stands, as in Elasticsearch.
        if (isEscaped) this.#static += char;
        isEscaped = !isEscaped;
        continue;
      }
      if (!(this.#depth === 0 ? this.#inStatic(char, isEscaped) : this.#inside(char, isEscaped))) {
        return false;
      }
      isEscaped = false;
    }
    this.#endStatic();
    return this.#depth === 0;
  }

  #inStatic(char: string, isEscaped: boolean): boolean {
    if (isEscaped || (char !== "{" && char !== "}")) this.#static += char;
    else if (char === "{") this.#depth = 1;
    return isEscaped || char !== "}";
  }

  #inside(char: string, isEscaped: boolean): boolean {
    if (char === "{" && this.#depth === 1) this.#depth = 2;
    else if (char === "}" && this.#depth === 1) {
      this.#endStatic();
      this.parts.push({ isPlaceholder: true, text: this.#placeholder });
      this.#placeholder = "";
      this.#depth = 0;
      return true;
    } else if (!isEscaped && char === "{") return false;
    else if (!isEscaped && char === "}") this.#depth = 1;
    this.#placeholder += char;
    return true;
  }

  #endStatic(): void {
    if (this.#static !== "") this.parts.push({ isPlaceholder: false, text: this.#static });
    this.#static = "";
  }
}

interface Placeholder {
  readonly math: string;
  readonly format: string;
  readonly zone: string;
}

function parsePlaceholder(text: string): Placeholder | undefined {
  const open = text.indexOf("{");
  if (open < 0) return { math: text, format: defaultFormat, zone: "UTC" };
  if (!text.endsWith("}") || open === text.length - 2) return undefined;
  const inner = text.slice(open + 1, -1);
  const bar = inner.indexOf("|");
  const format = bar < 0 ? inner : inner.slice(0, bar);
  return { math: text.slice(0, open), format, zone: bar < 0 ? "UTC" : inner.slice(bar + 1) };
}

const defaultFormat = "uuuu.MM.dd";

function placeholderDate(
  { math, format, zone }: Placeholder,
  nowMs: number,
  zones: TimeZones,
): string | undefined {
  const timeZone = zone === "UTC" ? utc : zones.find(zone);
  if (timeZone === undefined) return undefined;
  const instantMs = instantOf(math, nowMs, timeZone);
  if (instantMs === undefined) return undefined;
  if (format === "epoch_millis") return String(instantMs);
  if (format === "epoch_second") return String(Math.floor(instantMs / 1000));
  return formatDate(format, new ZonedTime(instantMs, timeZone).local());
}

/** `now` followed by steps; absolute dates (`2001.02.03||/M`) are left to the server. */
function instantOf(math: string, nowMs: number, zone: TimeZone): number | undefined {
  if (!math.startsWith("now")) return undefined;
  let time = new ZonedTime(nowMs, zone);
  step.lastIndex = 3;
  for (let count = 0; step.lastIndex < math.length; count += 1) {
    const match = step.exec(math);
    if (match === null || count >= maxSteps) return undefined;
    const [, operator, digits = "1", unit] = match;
    const amount = Number(digits);
    if (amount > maxAmount || (operator === "/" && amount !== 1)) return undefined;
    if (operator === "/") time = time.roundedDown(unit as DateMathUnit);
    else time = time.plus(operator === "-" ? -amount : amount, unit as DateMathUnit);
    if (!isWritable(time.instantMs)) return undefined;
  }
  return isWritable(time.instantMs) ? time.instantMs : undefined;
}

/** Whether the year has one to four digits; Java writes others with a sign. */
function isWritable(instantMs: number): boolean {
  return instantMs > firstMs && instantMs < lastMs;
}

const step = /([+/-])(\d+)?([yMwdhHms])/y;
/** More steps than anybody writes; each costs some arithmetic and zone look-ups. */
const maxSteps = 32;
/** Java reads amounts as int. */
const maxAmount = 2_147_483_647;
const firstMs = Date.parse("0001-01-02T00:00:00Z");
const lastMs = Date.parse("9999-12-30T00:00:00Z");
