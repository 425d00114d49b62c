import { isIPv4, isIPv6 } from "node:net";

import { z } from "zod";

import { TlogError } from "../tlog/tlog-error.ts";
import { VerifierKey } from "../tlog/verifier-key.ts";
import { parseAddress, parseEndpoint, isHost } from "./address.ts";
import type { Parsed } from "./address.ts";
import type { AllowedDestination, StatusRange } from "./config.ts";
import {
  durationPattern,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  sizePattern,
} from "./units.ts";

/**
 * Names that users give: they become metric labels and object keys, so they start with a letter.
 */
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const tokenPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/** How a value is shown in a message: short, quoted where it is text. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The meaning of `0` for a quantity: refused, or as the description of the quantity says. */
interface ZeroOption {
  readonly zero?: "off";
}

/** A duration in milliseconds, written `10s`; at least one millisecond unless `zero` is `off`. */
export function duration(
  options: ZeroOption & { readonly max?: number } = {},
): z.ZodType<number, string | 0> {
  // setTimeout counts in 32 signed bits.
  const max = options.max ?? 2_147_483_647;
  const bounds = { min: 0, most: max, max, show: formatDuration };
  return quantity(
    durationPattern,
    parseDuration,
    "a duration such as 10s or 250ms",
    "s",
    options.zero === "off",
    bounds,
  );
}

/** {@link duration} with a default in milliseconds. */
export function durationOr(
  defaultMs: number,
  options: ZeroOption & { readonly max?: number } = {},
) {
  return duration(options).prefault(defaultMs === 0 ? 0 : formatDuration(defaultMs));
}

/**
 * Bounds of what stands in one record, as it comes: as text it may take six times as much, and
 * nothing reads records of more than 64 MiB.
 */
export const recordedAtMost = { head: 1_048_576, body: 8_388_608 } as const;

/** Bounds of a size in bytes. */
type SizeOptions = ZeroOption & { readonly min?: number; readonly most?: number };

/**
 * A size in bytes, written `16KiB`; at least `min` (1) bytes unless it is 0 and `zero` is `off`.
 */
export function size(options: SizeOptions = {}): z.ZodType<number, string | 0> {
  const { min = 0, most = Infinity } = options;
  const bounds = { min, most, max: Number.MAX_SAFE_INTEGER, show: formatSize };
  return quantity(
    sizePattern,
    parseSize,
    "a size such as 16KiB or 100MB",
    "B",
    options.zero === "off",
    bounds,
  );
}

/** {@link size} with a default in bytes. */
export function sizeOr(defaultBytes: number, options: SizeOptions = {}) {
  return size(options).prefault(defaultBytes === 0 ? 0 : formatSize(defaultBytes));
}

/** A whole number within bounds. */
export function count(min: number, max = 1_000_000) {
  return z
    .int({ error: (issue) => `expected a whole number, got ${shown(issue.input)}` })
    .min(min, { error: (issue) => `must be at least ${min}, got ${shown(issue.input)}` })
    .max(max, { error: (issue) => `must be at most ${max}, got ${shown(issue.input)}` });
}

/** A string that `read` understands. */
function readable<T>(expected: string, read: (text: string) => Parsed<T>) {
  return z
    .string({ error: (issue) => `expected ${expected}, got ${shown(issue.input)}` })
    .min(1, `expected ${expected}, got ""`)
    .transform((text, context): T => {
      const parsed = read(text);
      if ("value" in parsed) return parsed.value;
      context.addIssue(parsed.problem);
      return z.NEVER;
    });
}

/** `host:port`, `[v6]:port` or `unix:/path`. */
export const address = readable("host:port, [v6]:port or unix:/path", parseAddress);

/** `host:port` or `[v6]:port` to connect to. */
export const hostPort = readable("host:port or [v6]:port", (text): Parsed<string> => {
  const parsed = parseAddress(text);
  if ("problem" in parsed) return parsed;
  if (parsed.value.kind === "tcp" && parsed.value.port !== 0) return { value: text };
  return { problem: `expected host:port or [v6]:port that clients can connect to; got "${text}"` };
});

/** The URL of an endpoint. */
export const endpointUrl = readable(
  "http://host:port, https://host:port, host:port or unix:/path",
  parseEndpoint,
);

/** A name given by the operator. */
export const name = z
  .string({ error: (issue) => `expected a name, got ${shown(issue.input)}` })
  .regex(
    namePattern,
    "a name starts with a letter and has letters, digits, `_`, `-` and `.` only, at most 63",
  );

/** A file name; relative ones are resolved against the folder of the configuration file. */
export const file = z
  .string({ error: (issue) => `expected a file name, got ${shown(issue.input)}` })
  .min(1, "expected a file name, got an empty string")
  .refine((text) => !text.includes("\0"), "a file name holds no NUL");

/** A token of RFC 9110 §5.6.2: methods, field names, protocol names. */
export function token(what: string) {
  return z
    .string({ error: (issue) => `expected ${what}, got ${shown(issue.input)}` })
    .regex(tokenPattern, { error: (issue) => `${shown(issue.input)} is not ${what}` });
}

/** A host name or a `*.` pattern, folded to lower case. */
export const hostPattern = readable("a host name", (text) => {
  const bare = text.startsWith("*.") ? text.slice(2) : text;
  const inner = /^\[.*\]$/.test(bare) ? bare.slice(1, -1) : undefined;
  if (inner === undefined ? isHost(bare) : isIPv6(inner)) return { value: text.toLowerCase() };
  return {
    problem:
      `${shown(text)} is not a host name: ` +
      "write it without scheme and port; *.example.com stands for names below it",
  };
});

/** The public key of a log or witness, `NAME+KEYID+BASE64`. */
export const vkey = readable("a vkey, NAME+KEYID+BASE64", (text): Parsed<VerifierKey> => {
  try {
    return { value: VerifierKey.parse(text) };
  } catch (error) {
    return { problem: error instanceof TlogError ? error.message : "not a vkey" };
  }
});

/** `10.0.0.0/8`, `fd00::/8` or one address. */
export const cidr = readable("an address range such as 10.0.0.0/8", parseCidr);

/** `10.0.0.0/8:5432`, `[fd00::/8]:1-1024`; without a port every port. */
export const allowedDestination = readable(
  "an address range with ports such as 10.0.0.0/8:5432",
  (text): Parsed<AllowedDestination> => {
    const [, bracketed, plain, ports] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? [];
    const range = parseCidr(bracketed ?? plain ?? text);
    if ("problem" in range) return range;
    if (ports === undefined)
      return { value: { cidr: range.value, ports: { from: 1, to: 65_535 } } };
    const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports) ?? [];
    const first = Number(from);
    const last = Number(to ?? from);
    if (!(first >= 1 && first <= last && last <= 65_535))
      return { problem: `"${ports}" is neither a port nor a range of ports` };
    return { value: { cidr: range.value, ports: { from: first, to: last } } };
  },
);

/** One status, 502, or a range in a string, `200-399`. */
export const statusRange = z
  .union([z.int().min(100).max(599), z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/)], {
    error: (issue) =>
      `expected a status such as 502 or a range such as 200-399, got ${shown(issue.input)}`,
  })
  .transform((value, context): StatusRange => {
    if (typeof value === "number") return { from: value, to: value };
    const range = { from: Number(value.slice(0, 3)), to: Number(value.slice(4)) };
    if (range.from > range.to) context.addIssue(`the range ${value} is backwards`);
    return range;
  });

/** A list of statuses and ranges. */
export const statuses = z.array(statusRange, {
  error: (issue) => `expected a list such as [200-399, 404], got ${shown(issue.input)}`,
});

/**
 * One value or a list of values, always read as a list.
 *
 * @param least values of the list; 0: whoever reads it judges an empty one
 */
export function oneOrMore<T extends z.ZodType>(item: T, least = 1) {
  return z
    .union([item, z.array(item).min(least, "is empty: at least one is needed")])
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]));
}

function parseCidr(text: string): Parsed<string> {
  const [, host = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const width = isIPv4(host) ? 32 : isIPv6(host) ? 128 : 0;
  const bits = prefix === undefined ? width : Number(prefix);
  if (width === 0 || bits > width)
    return { problem: `${shown(text)} is not an address range such as 10.0.0.0/8` };
  return { value: `${host}/${bits}` };
}

/** What was meant by a size such as `100M` or a duration such as `5min`. */
function unitHint(input: unknown, unit: string, pattern: RegExp): string {
  if (typeof input !== "string" || !/^\d.*[A-Za-z]$/.test(input)) return "";
  const [, digits, written = ""] = /^(\d+)\s*([A-Za-z]{1,8})$/.exec(input) ?? [];
  const letter = written.charAt(0);
  const meant =
    unit === "B" ? sizeMeant[letter.toUpperCase()] : durationMeant[letter.toLowerCase()];
  const hint = `${digits}${meant}`;
  if (digits !== undefined && meant !== undefined && hint !== input && pattern.test(hint))
    return ` (write ${hint})`;
  return ` (one number and one unit: ${unit === "B" ? sizeUnits : durationUnits})`;
}

const sizeUnits = "B, kB, MB, GB, KiB, MiB, GiB";
const durationUnits = "ms, s, m, h, d";

const sizeMeant: Readonly<Record<string, string>> = { B: "B", K: "KiB", M: "MiB", G: "GiB" };
const durationMeant: Readonly<Record<string, string>> = { s: "s", m: "m", h: "h", d: "d" };

function quantity(
  pattern: RegExp,
  read: (text: string) => number | undefined,
  expected: string,
  unit: string,
  isZeroAllowed: boolean,
  bounds: {
    readonly min: number;
    readonly most: number;
    /** What the program can count with. */
    readonly max: number;
    readonly show: (value: number) => string;
  },
): z.ZodType<number, string | 0> {
  const error = (issue: { readonly input?: unknown }): string => {
    const { input } = issue;
    const isBare =
      (typeof input === "number" || typeof input === "string") && /^\d+$/.test(String(input));
    const hint =
      isBare && Number(input) !== 0
        ? ` (a unit is missing: write ${String(input)}${unit})`
        : unitHint(input, unit, pattern);
    return `expected ${expected}${isZeroAllowed ? ", or 0" : ""}, got ${shown(issue.input)}${hint}`;
  };
  const checked = (value: string | 0, context: z.RefinementCtx): number => {
    const amount = value === 0 ? 0 : (read(value) ?? Number.POSITIVE_INFINITY);
    if (amount === 0 && !isZeroAllowed) context.addIssue("0 is not allowed here");
    else if (amount < bounds.min && amount !== 0)
      context.addIssue(`must be at least ${bounds.show(bounds.min)}`);
    else if (amount > bounds.max) context.addIssue(`${shown(value)} is too large`);
    else if (amount > bounds.most) context.addIssue(`must be at most ${bounds.show(bounds.most)}`);
    return amount;
  };
  if (isZeroAllowed)
    return z
      .union([z.string({ error }).regex(pattern, { error }), z.literal(0)], { error })
      .transform(checked);
  return z.string({ error }).regex(pattern, { error }).transform(checked);
}
