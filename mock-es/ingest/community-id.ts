/** The processor `community_id`: the identifier of a flow (Community ID 1.0 of Corelight). */
import { createHash } from "node:crypto";
import { illegalArgument } from "../es-error.ts";
import { Double } from "../script/values.ts";
import { textOf } from "../json/json-value.ts";
import { ipKey } from "../values/ip-address.ts";
import { classNameOf } from "./ingest-document.ts";
import type { Maker } from "./processor-settings.ts";

const protocols: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  "ipv6-icmp": 58,
  icmpv6: 58,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  sctp: 132,
};
const icmp = 1;
const icmp6 = 58;
const withPorts: readonly number[] = [
  protocols["tcp"],
  protocols["udp"],
  protocols["sctp"],
].flatMap((number) => number ?? []);

/** Types of ICMP messages and of those that answer them. */
const answers = pairs(
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [10, 9],
  [9, 10],
  [17, 18],
  [18, 17],
);
const answers6 = pairs(
  [128, 129],
  [129, 128],
  [133, 134],
  [134, 133],
  [136, 135],
  [130, 131],
  [139, 140],
  [140, 139],
  [144, 145],
  [145, 144],
  [135, 136],
);

function pairs(...list: readonly (readonly [number, number])[]): ReadonlyMap<number, number> {
  return new Map(list);
}

interface Flow {
  readonly source: Buffer;
  readonly destination: Buffer;
  readonly protocol: number;
  /** Ports, or type and code of ICMP; `undefined` for protocols that have neither. */
  readonly ports: readonly [number, number] | undefined;
  readonly isOneWay: boolean;
}

/** Settings that name fields, and what they name without them. */
const fieldDefaults = {
  source_ip: "source.ip",
  source_port: "source.port",
  destination_ip: "destination.ip",
  destination_port: "destination.port",
  iana_number: "network.iana_number",
  transport: "network.transport",
  icmp_type: "icmp.type",
  icmp_code: "icmp.code",
};
type FieldName = keyof typeof fieldDefaults;

/** `community_id`. */
export const communityId: Maker = (settings) => {
  const names = new Map(
    Object.entries(fieldDefaults).map(([name, field]) => [name, settings.textOr(name, field)]),
  );
  const target = settings.textOr("target_field", "network.community_id");
  const seed = settings.whole("seed", 0);
  if (!(seed >= 0 && seed <= 65535))
    throw settings.problem("seed", "must be a value between 0 and 65535");
  const ignoresMissing = settings.flag("ignore_missing", true);
  return (document) => {
    const read = (name: FieldName, isOptional = ignoresMissing): unknown => {
      const field = names.get(name) ?? fieldDefaults[name];
      return (isOptional ? document.get(field) : document.require(field)) ?? null;
    };
    const flow = flowOf(read);
    if (flow !== undefined) document.set(target, identifier(flow, seed));
    else if (!ignoresMissing) throw illegalArgument("unable to construct flow from document");
  };
};

function flowOf(read: (name: FieldName, isOptional?: boolean) => unknown): Flow | undefined {
  const from = read("source_ip");
  const to = read("destination_ip");
  if (from === null || to === null) return undefined;
  const given = read("iana_number", true) ?? read("transport");
  if (given === null) return undefined;
  const protocol = protocolOf(given);
  const flow = { source: addressOf(from), destination: addressOf(to), protocol };
  if (withPorts.includes(protocol)) {
    const ports = [
      portOf(read("source_port"), "source"),
      portOf(read("destination_port"), "destination"),
    ] as const;
    return { ...flow, ports, isOneWay: false };
  }
  if (protocol !== icmp && protocol !== icmp6)
    return { ...flow, ports: undefined, isOneWay: false };
  const type = wholeOf(read("icmp_type", true), "icmp type");
  const code = wholeOf(read("icmp_code", true), "icmp code");
  const answer = (protocol === icmp ? answers : answers6).get(type);
  return { ...flow, ports: [type, answer ?? code], isOneWay: answer === undefined };
}

function addressOf(value: unknown): Buffer {
  if (typeof value !== "string")
    throw illegalArgument(`[${classNameOf(value)}] cannot be cast to [java.lang.String]`);
  const key = ipKey(value);
  if (key === undefined) throw illegalArgument(`'${value}' is not an IP string literal.`);
  return Buffer.from(key.startsWith(mapped) ? key.slice(mapped.length) : key, "hex");
}

/** In front of an IPv4 address in IPv6. */
const mapped = "00000000000000000000ffff";

function protocolOf(value: unknown): number {
  const named = typeof value === "string" ? protocols[value.toLowerCase()] : undefined;
  if (named !== undefined) return named;
  const number = numberOf(value);
  if (number === undefined)
    throw illegalArgument(
      typeof value === "string"
        ? `could not convert string [${value}] to transport protocol`
        : `could not convert value of type [${classNameOf(value)}] to transport protocol`,
    );
  if (number < 0 || number >= 255)
    throw illegalArgument(`invalid transport protocol number [${number}]`);
  return number;
}

function portOf(value: unknown, side: string): number {
  const port = wholeOf(value, `${side} port`);
  if (port < 0 || port > 65535) throw illegalArgument(`invalid ${side} port [${port}]`);
  return port;
}

function wholeOf(value: unknown, what: string): number {
  if (value === null) return 0;
  const number = numberOf(value);
  if (number === undefined) throw illegalArgument(`unable to parse ${what} [${textOf(value)}]`);
  return number;
}

/** A number, or the whole number of a text; `undefined` for what is neither. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  if (value instanceof Double) return Math.trunc(value.value);
  return typeof value === "string" && /^[+-]?\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function identifier(flow: Flow, seed: number): string {
  const { source, destination, protocol, ports, isOneWay } = flow;
  const [first = 0, second = 0] = ports ?? [];
  // Buffers of one length compare as numbers; a shorter one is an IPv4 address, which is smaller.
  const order =
    source.length === destination.length
      ? Buffer.compare(source, destination)
      : source.length - destination.length;
  const keepsOrder = isOneWay || order < 0 || (order === 0 && first < second);
  const addresses = keepsOrder ? [source, destination] : [destination, source];
  const numbers = keepsOrder ? [first, second] : [second, first];
  const bytes = Buffer.concat([
    uint16(seed),
    ...addresses,
    Buffer.from([protocol, 0]),
    ...(ports === undefined ? [] : numbers.map(uint16)),
  ]);
  return `1:${createHash("sha1").update(bytes).digest("base64")}`;
}

function uint16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 0xff, value & 0xff]);
}
