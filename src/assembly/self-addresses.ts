import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Address, ProxyConfig } from "../config/config.ts";
import type { TcpAddress } from "../tcp/route-contract.ts";

/**
 * Every address that this proxy listens on, its other processes, the admin listener and the
 * explorer included: no router may connect to them.
 */
export class SelfAddresses {
  #current: readonly TcpAddress[] = [];
  readonly #hosts = new Map<string, readonly string[]>();

  get current(): readonly TcpAddress[] {
    return this.#current;
  }

  /** Finds what the names stand for that a configuration listens on; before {@link follow}. */
  async resolve(config: ProxyConfig): Promise<void> {
    for (const bind of bindsOf(config).values()) {
      if (bind.kind === "unix" || isIP(bind.host) !== 0 || this.#hosts.has(bind.host)) continue;
      try {
        const found = await lookup(bind.host, { all: true });
        this.#hosts.set(
          bind.host,
          found.map(({ address }) => address),
        );
      } catch {
        // It cannot be listened on either.
      }
    }
  }

  /** @param urls where listeners really are, by name; for ports that the system chose */
  follow(config: ProxyConfig, urls: ReadonlyMap<string, string>): void {
    this.#current = [...bindsOf(config)].flatMap(([name, bind]) => {
      if (bind.kind === "unix") return [];
      const port = bind.port === 0 ? portOf(urls.get(name)) : bind.port;
      const addresses = isIP(bind.host) === 0 ? (this.#hosts.get(bind.host) ?? []) : [bind.host];
      return port === 0 ? [] : addresses.map((address) => ({ address, port }));
    });
  }
}

/** Names beside those of the configuration, which begin with no colon. */
export const adminName = ":admin";
export const explorerName = ":explorer";

function bindsOf({ listeners, admin, explorer }: ProxyConfig): Map<string, Address> {
  const binds = new Map(listeners.map(({ name, bind }) => [name, bind]));
  if (admin !== undefined) binds.set(adminName, admin.bind);
  if (explorer !== undefined) binds.set(explorerName, explorer.bind);
  return binds;
}

function portOf(url: string | undefined): number {
  return Number(/:(\d+)$/.exec(url ?? "")?.[1] ?? 0);
}
