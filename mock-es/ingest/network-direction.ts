/** The processor `network_direction`: whether a flow stays within some networks or crosses them. */
import { illegalArgument } from "../es-error.ts";
import { cidrRange, ipKey } from "../values/ip-address.ts";
import type { Maker } from "./processor-settings.ts";

const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8"];
const loopback = ["127.0.0.0/8", "::1/128"];
const unspecified = ["0.0.0.0/32", "::/128"];
const linkLocal = ["169.254.0.0/16", "fe80::/10"];
const linkLocalMulticast = ["224.0.0.0/24", "ff02::/16"];
// Of IPv6, the scope is the second half of the second byte; flags are before it.
const nodeLocalMulticast = ["ff01::/16"];
const multicast = ["224.0.0.0/4", "ff00::/8"];
const broadcast = ["255.255.255.255/32"];
const local = [
  ...privateBlocks,
  ...loopback,
  ...unspecified,
  ...linkLocal,
  ...linkLocalMulticast,
  ...nodeLocalMulticast,
  ...broadcast,
];
const notUnicast = [...broadcast, ...unspecified, ...loopback, ...multicast, ...linkLocal];

const named: Readonly<Record<string, (key: string) => boolean>> = {
  loopback: (key) => isIn(key, loopback),
  global_unicast: (key) => !isIn(key, notUnicast),
  unicast: (key) => !isIn(key, notUnicast),
  link_local_unicast: (key) => isIn(key, linkLocal),
  interface_local_multicast: (key) => isIn(key, nodeLocalMulticast),
  link_local_multicast: (key) => isIn(key, linkLocalMulticast),
  multicast: (key) => isIn(key, multicast),
  unspecified: (key) => isIn(key, unspecified),
  private: (key) => isIn(key, privateBlocks),
  public: (key) => !isIn(key, local),
};

/** @throws {EsError} for a block that is none */
function isIn(key: string, blocks: readonly string[]): boolean {
  return blocks.some((block) => {
    const range = cidrRange(block);
    if (range === undefined) {
      const reason = `Expected [ip/prefix] but was [${block}]`;
      throw illegalArgument(reason);
    }
    return range[0] <= key && key <= range[1];
  });
}

/** `network_direction`. */
export const networkDirection: Maker = (settings) => {
  const source = settings.textOr("source_ip", "source.ip");
  const destination = settings.textOr("destination_ip", "destination.ip");
  const target = settings.textOr("target_field", "network.direction");
  const ignoresMissing = settings.flag("ignore_missing", true);
  const given = settings.listOr("internal_networks", undefined);
  const field = settings.textOr("internal_networks_field", undefined);
  if (given === undefined && field === undefined)
    throw settings.problem("internal_networks", "or [internal_networks_field] must be specified");
  if (given !== undefined && field !== undefined)
    throw settings.problem(
      "internal_networks",
      "and [internal_networks_field] cannot both be used in the same processor",
    );
  const networks = given ?? [];
  return (document) => {
    const read = (name: string): unknown =>
      (ignoresMissing ? document.get(name) : document.require(name)) ?? null;
    const listed = field === undefined ? networks.map((text) => document.fill(text)) : read(field);
    const from = read(source);
    const to = read(destination);
    if (listed === null || from === null || to === null) {
      if (ignoresMissing) return;
      throw illegalArgument("unable to calculate network direction from document");
    }
    const isInternal = (path: string): boolean => {
      const text = document.requireText(path);
      const key = ipKey(text);
      if (key === undefined) throw illegalArgument(`'${text}' is not an IP string literal.`);
      return (Array.isArray(listed) ? listed : [listed]).some((network: unknown) => {
        const name = String(network);
        return named[name]?.(key) ?? isIn(key, [name]);
      });
    };
    const leaves = isInternal(source);
    const enters = isInternal(destination);
    const crossing = leaves ? "outbound" : "inbound";
    document.set(target, leaves === enters ? (leaves ? "internal" : "external") : crossing);
  };
};
