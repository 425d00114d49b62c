import { BlockList, isIP, SocketAddress } from "node:net";
import { networkInterfaces } from "node:os";
import { GenerationCache } from "../core/generation-cache.ts";
import type { TcpAddress } from "./route-contract.ts";

/** Ports of one range of addresses, both ends included. */
export interface AllowedRange {
  /** `10.0.0.0/8`, or one address. */
  readonly cidr: string;
  readonly ports: { readonly from: number; readonly to: number };
}

/** What {@link AddressPolicy} is built from. */
export interface AddressPolicyOptions {
  /** Where a `remote` may go. Empty: anywhere but to what is refused. @default [] */
  readonly allow?: readonly AllowedRange[];
  /**
   * Whether unspecified, link-local, multicast and cloud metadata addresses are refused, whatever
   * `allow` says. Own listeners are refused in any case. @default true
   */
  readonly refusesSpecial?: boolean;
  /** Every address that this process listens on, asked at each check. @default none */
  readonly ownListeners?: () => Iterable<TcpAddress>;
}

/** Why an address is refused. */
export type Refusal =
  | "unspecified"
  | "link-local"
  | "multicast"
  | "metadata"
  | "own listener"
  | "not in the allow-list";

/**
 * Whether a free `remote` may be connected to. It judges the IP address that is really dialled,
 * after name lookup, so that no spelling of an address (`0x7f.1`, `2130706433`,
 * `[::ffff:127.0.0.1]`, a name that resolves to it) goes past it.
 */
export class AddressPolicy {
  readonly #allow: readonly {
    readonly list: BlockList;
    readonly from: number;
    readonly to: number;
  }[];
  readonly #refusesSpecial: boolean;
  readonly #ownListeners: () => Iterable<TcpAddress>;

  /** @throws {RangeError} when a range of the allow-list is not a CIDR */
  constructor(options: AddressPolicyOptions = {}) {
    this.#allow = (options.allow ?? []).map(({ cidr, ports }) => ({
      list: toBlockList(cidr),
      ...ports,
    }));
    this.#refusesSpecial = options.refusesSpecial !== false;
    this.#ownListeners = options.ownListeners ?? ((): Iterable<TcpAddress> => []);
  }

  /** @param address an IP address, never a name. @returns `undefined` when it may be dialled */
  refusal(address: string, port: number): Refusal | undefined {
    const { effective, wrapped, special } = judgements.getOrMake(address, judge);
    if (this.#refusesSpecial && special !== undefined) return special;
    for (const own of this.#ownListeners()) {
      if (own.port !== port) continue;
      const ownAddress = effectiveAddress(own.address);
      if ([effective, ...wrapped].some((one) => isReachedBy(ownAddress, one)))
        return "own listener";
    }
    if (this.#allow.length === 0) return undefined;
    const family = isIP(effective) === 6 ? "ipv6" : "ipv4";
    for (const { list, from, to } of this.#allow)
      if (port >= from && port <= to && list.check(effective, family)) return undefined;
    return "not in the allow-list";
  }
}

interface Judged {
  readonly effective: string;
  /** IPv4 addresses that it may be translated to, see {@link mayWrapIPv4}. */
  readonly wrapped: readonly string[];
  readonly special: Refusal | undefined;
}

/** Asked for each dial, and mostly for the same few addresses. */
const judgements = new GenerationCache<string, Judged>(512);

/** What an address is, apart from any configuration. */
function judge(address: string): Judged {
  const effective = effectiveAddress(address);
  const wrapped = wrappedIn(effective);
  const special = specialOf(effective) ?? wrapped.map(specialOf).find((one) => one !== undefined);
  return { effective, wrapped, special };
}

function specialOf(address: string): Refusal | undefined {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  return specialLists.find(([, list]) => list.check(address, family))?.[0];
}

/** The addresses that an address of {@link mayWrapIPv4} may stand for, but for 0.0.0.0/8. */
function wrappedIn(address: string): string[] {
  if (isIP(address) !== 6 || !mayWrapIPv4.check(address, "ipv6")) return [];
  const bytes = toGroups(address).flatMap((group) => [group >>> 8, group & 0xff]);
  return wrappedAt
    .map((at) => at.map((index) => bytes[index] ?? 0).join("."))
    .filter((ipv4) => !ipv4.startsWith("0."));
}

/** A list with one range, or one address. @throws {RangeError} when the text is neither */
export function toBlockList(cidr: string): BlockList {
  const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(cidr) ?? [];
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? longest : Number(prefix);
  if (version === 0 || bits > longest)
    throw new RangeError(`not an address range: ${JSON.stringify(cidr)}`);
  const list = new BlockList();
  list.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  return list;
}

/**
 * The address that packets really go to: without a zone, in its shortest form, and as IPv4 where
 * the IPv6 address only wraps one (IPv4-mapped, RFC 4291 §2.5.5.2; NAT64, RFC 6052; 6to4, RFC
 * 3056).
 */
export function effectiveAddress(address: string): string {
  const [bare = ""] = address.split("%");
  if (isIP(bare) !== 6) return bare;
  const canonical = new SocketAddress({ address: bare, family: "ipv6" }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical);
  if (mapped?.[1] !== undefined) return mapped[1];
  const groups = toGroups(canonical);
  if (wrapsIPv4.check(canonical, "ipv6")) return toIPv4(groups[6] ?? 0, groups[7] ?? 0);
  if (groups[0] === 0x2002) return toIPv4(groups[1] ?? 0, groups[2] ?? 0);
  return canonical;
}

function isReachedBy(own: string, dialled: string): boolean {
  if (own === dialled) return true;
  if (own !== "0.0.0.0" && own !== "::") return false;
  if (everywhere.check(dialled, isIP(dialled) === 6 ? "ipv6" : "ipv4")) return true;
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address } of addresses ?? [])
      if (effectiveAddress(address) === dialled) return true;
  return false;
}

/**
 * The eight groups of a valid IPv6 address in hexadecimal notation; a dotted tail gives zeros,
 * which its callers do not need.
 */
function toGroups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const tailGroups = right.flatMap((group) =>
    group.includes(".") ? dottedGroups(group) : [group],
  );
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - tailGroups.length) }, () => "0");
  return [...left, ...(tail === undefined ? [] : zeros), ...tailGroups].map((group) =>
    Number.parseInt(group, 16),
  );
}

function dottedGroups(dotted: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
}

function toIPv4(high: number, low: number): string {
  return `${high >>> 8}.${high & 0xff}.${low >>> 8}.${low & 0xff}`;
}

function listOf(...cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

/**
 * What a wildcard listener is reached by besides the interfaces' addresses: all of 127/8 and `::1`
 * (and unspecified, on Linux).
 */
const everywhere = listOf("127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128");
const wrapsIPv4 = listOf("64:ff9b::/96");
/**
 * For NAT64 within a network (RFC 8215): only the network knows how long its prefix is, and so
 * where the IPv4 address stands. Each place is looked at.
 */
const mayWrapIPv4 = listOf("64:ff9b:1::/48");
/** The bytes of an IPv4 address behind prefixes of 48, 56, 64 and 96 bits (RFC 6052 §2.2). */
const wrappedAt: readonly (readonly number[])[] = [
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
];

const specialLists: readonly (readonly [Refusal, BlockList])[] = [
  ["unspecified", listOf("0.0.0.0/8", "::/128")],
  // Instance metadata of AWS (IPv4 is link-local), Google, Azure, Alibaba and Oracle: they hand out
  // credentials to every local client.
  [
    "metadata",
    listOf(
      "169.254.169.254/32",
      "fd00:ec2::/32",
      "fd20:ce::254/128",
      "168.63.129.16/32",
      "100.100.100.200/32",
      "192.0.0.192/32",
    ),
  ],
  ["link-local", listOf("169.254.0.0/16", "fe80::/10")],
  ["multicast", listOf("224.0.0.0/4", "255.255.255.255/32", "ff00::/8")],
];
