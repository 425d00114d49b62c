/** Configurations of a TCP listener with a pool. */

export function configuration(
  endpoints: readonly string[],
  more: { listener?: string; pool?: string; rest?: string } = {},
): string {
  return `
listeners:
  - {name: git, protocol: tcp, bind: "127.0.0.1:0", router: router.ts, dial: {delay: 1ms}${more.listener ?? ""}}
pools:
  git: {endpoints: [${endpoints.map((endpoint) => `"${endpoint}"`).join(", ")}]${more.pool ?? ""}}
audit: {directory: audit}
${more.rest ?? ""}`;
}

export const toPool = `export default () => ({ pool: "git" });`;
export const series = (name: string, label: string): string =>
  `es_proxy_tcp_${name}{listener="git",${label}}`;
