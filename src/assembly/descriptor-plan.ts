import type { ListenerConfig, PoolConfig, ProxyConfig } from "../config/config.ts";
import { poolTable } from "../config/assemble.ts";
import type { Log } from "../core/log.ts";

/**
 * Descriptors that connections may not use: those that a process has anyway (about 30), and the
 * files of the audit with their directories, packs and proofs.
 */
export const reservedForFiles = 64;
/**
 * The same for the admin listener, and for the explorer, which keep as many connections; of the
 * explorer also the files that it reads.
 */
const reservedForService = 64;

/** A limit that was lowered, in the words of the configuration. */
export interface LoweredLimit {
  readonly name: string;
  readonly configured: number;
  readonly used: number;
}

/** What there is `of` what is wanted by `all` together. */
interface Share {
  readonly of: number;
  readonly all: number;
}

/** A configuration that needs no more descriptors than there are. */
export interface DescriptorPlan {
  readonly config: ProxyConfig;
  readonly lowered: readonly LoweredLimit[];
}

/**
 * Lowers `max_connections` of listeners, and `limits.connections` of pools, to what the limit of
 * open files allows, so that an accepted request finds a descriptor for its endpoint, and the audit
 * one for its files. Half of what connections may use is for endpoints, or less where pools are
 * smaller; each of both kinds gives up the same share.
 *
 * @param most descriptors of one process; `Infinity`: nothing is lowered
 */
export function planDescriptors(config: ProxyConfig, most: number): DescriptorPlan {
  if (most === Infinity) return { config, lowered: [] };
  const { listeners, pools, admin, explorer } = config;
  const services = [admin, explorer].filter((service) => service !== undefined).length;
  const reserved = reservedForFiles + services * reservedForService;
  const room = Math.max(2, most - reserved);
  const poolNeeds = sum(Object.values(pools).map(poolNeed));
  const poolRoom = Math.min(poolNeeds, Math.floor(room / 2));
  const clientNeeds = sum(listeners.map((listener) => listenerNeed(listener, room)));
  const clientShare: Share = { of: Math.min(clientNeeds, room - poolRoom), all: clientNeeds };
  const poolShare: Share = { of: poolRoom, all: poolNeeds };
  const lowered: LoweredLimit[] = [];
  const lower = (name: string, configured: number, { of, all }: Share): number => {
    const wanted = configured === 0 ? room : configured;
    const used = Math.max(1, Math.floor((wanted * of) / all));
    if (used !== configured) lowered.push({ name, configured, used });
    return used;
  };
  const fitted = {
    ...config,
    listeners: listeners.map((listener) => ({
      ...listener,
      maxConnections: lower(
        `max_connections of listener "${listener.name}"`,
        listener.maxConnections,
        clientShare,
      ),
    })),
    pools: poolTable(
      Object.values(pools).map((pool) => ({
        ...pool,
        limits: {
          ...pool.limits,
          connections: lower(
            `limits.connections of pool "${pool.name}"`,
            pool.limits.connections,
            poolShare,
          ),
        },
      })),
    ),
  };
  return lowered.length === 0 ? { config, lowered } : { config: fitted, lowered };
}

/** Says what was lowered, once for each limit. */
export function logLowered(lowered: readonly LoweredLimit[], most: number, log: Log): void {
  for (const { name, configured, used } of lowered)
    log.warn(
      { open_files: most, configured: configured === 0 ? "no limit" : configured, used },
      `${name} is lowered to ${used}: the limit of open files (RLIMIT_NOFILE) is ${most}; raise ` +
        "it with ulimit -n or LimitNOFILE=",
    );
}

/** Connections to its endpoints; as many again are parked for slow clients at most. */
function poolNeed({ endpoints, limits }: PoolConfig): number {
  return endpoints.length * limits.connections * 2;
}

/** A TCP session has two connections, and the second one need not be a pool's. */
function listenerNeed({ protocol, maxConnections }: ListenerConfig, room: number): number {
  return (maxConnections === 0 ? room : maxConnections) * (protocol === "tcp" ? 2 : 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
