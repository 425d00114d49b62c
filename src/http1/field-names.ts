/**
 * The field names that this proxy acts on or records, as small integers, and a collision-free table
 * to find them from the bytes of a head (RFC 9110 §5.1: names are compared without regard to ASCII
 * case).
 */
export const knownFields = [
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
  "http2-settings",
  "expect",
  "trailer",
  "proxy-authorization",
  "authorization",
  "cookie",
  "set-cookie",
  "user-agent",
  "accept",
  "content-type",
  "content-encoding",
  "content-range",
  "x-opaque-id",
  "x-request-id",
  "traceparent",
  "es-security-runas-user",
  "es-secondary-authorization",
  "x-elastic-client-meta",
  "x-elastic-product-origin",
  "x-api-key",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
  "max-forwards",
  "date",
  "location",
] as const;

export type FieldName = (typeof knownFields)[number];

/** Field name → id (1-based); 0 is every other name. */
export const fieldId = Object.freeze(
  Object.fromEntries(knownFields.map((name, index) => [name, index + 1])),
) as Readonly<Record<FieldName, number>>;

export const otherField = 0;
export const fieldIdCount = knownFields.length + 1;

/** Bits of {@link fieldTraits}. */
export const trait = {
  /** Removed in both directions (RFC 9110 §7.6.1), and credentials meant for this hop (§11.7.1). */
  hopByHop: 1,
  /**
   * May not be nominated by `Connection`, nor appear with `_` for `-`: framing, routing, identity,
   * credentials.
   */
  protected: 2,
  /** Refused in a trailer section (RFC 9110 §6.5.1). */
  refusedTrailer: 4,
} as const;

/** Field id → bits of {@link trait}. */
export const fieldTraits = new Uint8Array(fieldIdCount);
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
  "http2-settings",
  "proxy-authorization",
] as const;
const protectedFields = [
  "host",
  "content-length",
  "transfer-encoding",
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "content-type",
  "content-encoding",
  "es-security-runas-user",
  "es-secondary-authorization",
  "x-api-key",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
  "x-opaque-id",
  "x-request-id",
  "expect",
] as const;
mark(trait.hopByHop, ...hopByHop);
mark(trait.protected, ...protectedFields);
mark(trait.refusedTrailer, ...hopByHop, ...protectedFields);
mark(trait.refusedTrailer, "trailer", "content-range", "via", "max-forwards", "location", "date");

/** Slots for some 40 names: sparse enough that a multiplier without collisions is found at once. */
const tableSize = 512;
const nameBytes: readonly Uint8Array[] = ["", ...knownFields].map((name) =>
  Uint8Array.from(name, (c) => c.charCodeAt(0)),
);
const { seed, table } = buildTable();

/**
 * The id of the name at `bytes[start, end)`, all token bytes. Length and three bytes find the only
 * candidate, which is then compared whole. Setting bit 5 folds the case of letters; no other token
 * byte becomes a letter, a digit or `-` by it.
 */
export function findField(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 2) return otherField;
  const id =
    table[slotOf(seed, length, bytes[start] ?? 0, bytes[end - 2] ?? 0, bytes[end - 1] ?? 0)] ?? 0;
  const name = nameBytes[id];
  if (name === undefined || name.length !== length) return otherField;
  for (let i = 0; i < length; i += 1)
    if (((bytes[start + i] ?? 0) | 0x20) !== name[i]) return otherField;
  return id;
}

/** The id of a name given as a lower-case string. */
export function findFieldByName(lowerCaseName: string): number {
  return (fieldId as Readonly<Record<string, number | undefined>>)[lowerCaseName] ?? otherField;
}

function mark(bit: number, ...names: FieldName[]): void {
  for (const name of names) fieldTraits[fieldId[name]] = (fieldTraits[fieldId[name]] ?? 0) | bit;
}

function slotOf(
  multiplier: number,
  length: number,
  first: number,
  lastButOne: number,
  last: number,
): number {
  const key = length ^ ((first | 0x20) << 6) ^ ((lastButOne | 0x20) << 12) ^ ((last | 0x20) << 18);
  return Math.imul(key, multiplier) >>> 23;
}

/** Searches for a multiplier with which no two known names share a slot. */
function buildTable(): { seed: number; table: Uint8Array } {
  for (let candidate = 0x9e3779b1; ; candidate += 2) {
    const slots = new Uint8Array(tableSize);
    const collides = nameBytes.some((name, id) => {
      if (id === 0) return false;
      const slot = slotOf(candidate, name.length, name[0] ?? 0, name.at(-2) ?? 0, name.at(-1) ?? 0);
      if (slots[slot] !== 0) return true;
      slots[slot] = id;
      return false;
    });
    if (!collides) return { seed: candidate, table: slots };
  }
}
