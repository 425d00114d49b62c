/** Which addresses are one client, where clients are counted. */
import { isIPv6 } from "node:net";

/**
 * An address as records and other hosts know it: IPv4 in its own form also on a socket for both
 * families, and without a zone, which means something on this host only (RFC 4007 §11.2).
 */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

/** One client of IPv6 has 2^64 addresses to choose from (RFC 4291 §2.5.4): its network counts. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [front = "", back = ""] = new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname
    .slice(1, -1)
    .split("::");
  const groups = front === "" ? [] : front.split(":");
  const missing = 8 - groups.length - (back === "" ? 0 : back.split(":").length);
  const all = [
    ...groups,
    ...Array.from({ length: Math.max(0, missing) }, () => "0"),
    ...(back === "" ? [] : back.split(":")),
  ];
  return `${all.slice(0, 4).join(":")}::/64`;
}
