import { BlockList, isIP } from "node:net";

/** Addresses whose forwarded fields and PROXY headers are believed. */
export class TrustedProxies {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** @param ranges CIDR ranges or single addresses, already checked. */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = "", prefix] = range.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  /**
   * IPv4 addresses count in either spelling, `10.0.0.1` and `::ffff:10.0.0.1`; what is no address
   * is never trusted.
   */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 6 ? "ipv6" : "ipv4");
  }
}
