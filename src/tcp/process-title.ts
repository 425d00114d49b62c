import { formatRemote } from "./remote-address.ts";
import type { TcpAddress } from "./route-contract.ts";
import type { TcpStats } from "./tcp-router.ts";

/** ProxyMachine's process title: `name version - address - current/max/total connections`. */
export function processTitle(
  name: string,
  version: string,
  address: TcpAddress,
  stats: TcpStats,
): string {
  const place = formatRemote(address.address, address.port);
  return `${name} ${version} - ${place} - ${stats.current}/${stats.max}/${stats.total} connections`;
}
