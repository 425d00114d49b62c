import { hostname, networkInterfaces } from "node:os";

import { formatAddress, isLoopback, isSameSocket, parseAddress, reaches } from "./address.ts";
import { routeNames } from "./assemble.ts";
import type { Address } from "./config.ts";
import { get } from "./zod-messages.ts";
import type { SchemaIssue } from "./zod-messages.ts";
import type { Path } from "./source-locations.ts";
import type {
  AdminSection,
  AuditSection,
  ExplorerSection,
  HttpListenerSection,
  ListenerSection,
  PoolSection,
} from "./schema.ts";
import { suggestionText } from "../core/suggestion.ts";

/** The sections of one file that are valid by themselves, and the file as it was read. */
export interface Sections {
  readonly raw: unknown;
  readonly listeners: readonly { readonly index: number; readonly section: ListenerSection }[];
  readonly pools: readonly { readonly name: string; readonly section: PoolSection }[];
  readonly admin: AdminSection | undefined;
  readonly explorer: ExplorerSection | undefined;
  readonly audit: AuditSection | undefined;
}

/**
 * Everything that only shows when sections are seen together: names, addresses, loops,
 * contradictions. No file is opened.
 */
export function crossCheck(sections: Sections): SchemaIssue[] {
  return [
    ...checkRoutePools(sections),
    ...checkCoveragePools(sections),
    ...checkNames(sections),
    ...checkBinds(sections),
    ...checkLoops(sections),
    ...sections.listeners.flatMap(({ index, section }) =>
      checkListener(["listeners", index], section, sections),
    ),
    ...sections.pools.flatMap(({ name, section }) => checkPool(["pools", name], section)),
    ...checkReach("admin", sections.admin),
    ...checkReach("explorer", sections.explorer),
    ...checkExplorer(sections),
    ...checkFactsLevel(sections),
    ...checkShip(sections),
  ];
}

function finding(path: Path, message: string, at: SchemaIssue["at"] = "value"): SchemaIssue {
  return { path, at, message };
}

/**
 * Reads the file as it is, so that a mistake elsewhere in a section does not hide a misspelt pool.
 */
function checkRoutePools({ raw }: Sections): SchemaIssue[] {
  const pools = get(raw, "pools");
  const names = typeof pools === "object" && pools !== null ? Object.keys(pools) : [];
  const findings: SchemaIssue[] = [];
  for (const [index, listener] of entriesOf(get(raw, "listeners"))) {
    for (const [at, route] of entriesOf(get(listener, "routes"))) {
      const pool = get(route, "pool");
      if (typeof pool !== "string" || names.includes(pool)) continue;
      const hint =
        suggestionText(pool, names) || (names.length > 0 ? `; pools: ${names.join(", ")}` : "");
      findings.push(
        finding(["listeners", index, "routes", at, "pool"], `there is no pool "${pool}"${hint}`),
      );
    }
  }
  return findings;
}

/** From the file as it is, like {@link checkRoutePools}. */
function checkCoveragePools({ raw }: Sections): SchemaIssue[] {
  const pools = get(raw, "pools");
  const names = typeof pools === "object" && pools !== null ? Object.keys(pools) : [];
  return entriesOf(get(get(get(raw, "audit"), "coverage"), "pools")).flatMap(([at, pool]) =>
    typeof pool !== "string" || names.includes(pool)
      ? []
      : [
          finding(
            ["audit", "coverage", "pools", at],
            `there is no pool "${pool}"${suggestionText(pool, names)}`,
          ),
        ],
  );
}

/** From the file as it is, like {@link checkRoutePools}. */
function checkNames({ raw }: Sections): SchemaIssue[] {
  const seen = new Set<string>();
  return entriesOf(get(raw, "listeners")).flatMap(([index, listener]) => {
    const name = get(listener, "name");
    if (typeof name !== "string") return [];
    if (seen.has(name))
      return [
        finding(["listeners", index, "name"], `the name "${name}" is taken by a listener above`),
      ];
    seen.add(name);
    return [];
  });
}

interface Bound {
  readonly path: Path;
  readonly address: Address;
  readonly what: string;
}

/** Every address that is listened on, from the file as it is, like {@link checkRoutePools}. */
function bindings({ raw }: Sections): Bound[] {
  const bound: Bound[] = [];
  const add = (path: Path, bind: unknown, what: string): void => {
    const parsed = typeof bind === "string" ? parseAddress(bind) : undefined;
    if (parsed !== undefined && "value" in parsed)
      bound.push({ path, address: parsed.value, what });
  };
  for (const [index, listener] of entriesOf(get(raw, "listeners"))) {
    const name = get(listener, "name");
    const what = typeof name === "string" ? `the listener "${name}"` : `listeners[${index}]`;
    add(["listeners", index, "bind"], get(listener, "bind"), what);
  }
  add(["admin", "bind"], get(get(raw, "admin"), "bind"), "the admin listener");
  add(["explorer", "bind"], get(get(raw, "explorer"), "bind"), "the explorer");
  return bound;
}

function checkBinds(sections: Sections): SchemaIssue[] {
  const bound = bindings(sections);
  return bound.flatMap((one, at) => {
    const other = bound.slice(0, at).find((earlier) => isSameSocket(earlier.address, one.address));
    if (other === undefined) return [];
    return [
      finding(
        one.path,
        `${formatAddress(one.address)} collides with ${other.what} ` +
          `(${formatAddress(other.address)})`,
      ),
    ];
  });
}

function checkLoops(sections: Sections): SchemaIssue[] {
  const own = ownAddresses();
  const bound = bindings(sections);
  return sections.pools.flatMap(({ name, section }) =>
    section.endpoints.flatMap((endpoint, at) => {
      const listener = bound.find(({ address }) => reaches(endpoint.address, address, own));
      if (listener === undefined) return [];
      const path = ["pools", name, "endpoints", at];
      return [
        finding(
          path,
          `${endpoint.url} is ${listener.what} of this proxy: requests would go round for ever`,
        ),
      ];
    }),
  );
}

/** What is shipped through this proxy would be recorded, and be shipped again. */
function checkShip(sections: Sections): SchemaIssue[] {
  const targets = sections.audit?.ship ?? [];
  if (targets.length === 0) return [];
  if (sections.audit?.directory === "-")
    return [finding(["audit", "ship"], "needs a directory: stdout cannot be read again", "key")];
  const own = ownAddresses();
  const bound = bindings(sections);
  return targets.flatMap(({ elasticsearch }, at) =>
    elasticsearch.flatMap(({ url, address }) => {
      const listener = bound.find((one) => reaches(address, one.address, own));
      if (listener === undefined) return [];
      const message = `${url} is ${listener.what} of this proxy: each document would be recorded`;
      return [finding(["audit", "ship", at, "elasticsearch"], message)];
    }),
  );
}

function ownAddresses(): ReadonlySet<string> {
  const lists = Object.values(networkInterfaces());
  const addresses = lists.flatMap((list) => (list ?? []).map(({ address }) => address));
  return new Set([...addresses, hostname().toLowerCase()]);
}

function checkListener(path: Path, section: ListenerSection, sections: Sections): SchemaIssue[] {
  const findings: SchemaIssue[] = [];
  for (const key of ["client_auth", "client_crl"] as const)
    if (section.tls?.[key] !== undefined && section.tls.client_ca === undefined)
      findings.push(finding([...path, "tls", key], "needs client_ca"));
  if (section.proxy_protocol && section.trusted_proxies.length === 0)
    findings.push(
      finding(
        [...path, "proxy_protocol"],
        "needs trusted_proxies: anyone could claim any address otherwise",
      ),
    );
  if (section.protocol !== "http") return findings;
  if (section.limits.request_line > section.limits.header_bytes)
    findings.push(
      finding(
        [...path, "limits", "request_line"],
        "is larger than header_bytes, which includes it",
      ),
    );
  return [...findings, ...checkRoutes(path, section, sections)];
}

function checkRoutes(path: Path, section: HttpListenerSection, sections: Sections): SchemaIssue[] {
  const names = routeNames(section.routes);
  const matchOf = (route: HttpListenerSection["routes"][number]): string =>
    JSON.stringify([
      route.path.replace(/(.)\/$/, "$1"),
      [...(route.host ?? [])].sort(),
      [...(route.methods ?? [])].sort(),
      Object.entries(route.headers ?? {})
        .map(([field, value]) => JSON.stringify([field.toLowerCase(), value]))
        .sort((one, other) => one.localeCompare(other)),
    ]);
  const matches = section.routes.map(matchOf);
  return section.routes.flatMap((route, at) => {
    const findings: SchemaIssue[] = [];
    const earlier = matches.indexOf(matches[at] ?? "");
    if (earlier < at)
      findings.push(
        finding(
          [...path, "routes", at],
          `is never reached: it matches what routes[${earlier}] matches`,
        ),
      );
    if (names.indexOf(names[at] ?? "") < at && route.name !== undefined)
      findings.push(
        finding(
          [...path, "routes", at, "name"],
          `the name "${route.name}" is taken by a route above`,
        ),
      );
    const pool = sections.pools.find(({ name }) => name === route.pool)?.section;
    const tcp = pool?.endpoints.find((endpoint) => endpoint.scheme === "tcp");
    if (tcp !== undefined)
      findings.push(
        finding(
          [...path, "routes", at, "pool"],
          `the pool has an endpoint without http:// or https:// (${tcp.url})`,
        ),
      );
    return findings;
  });
}

function checkPool(path: Path, section: PoolSection): SchemaIssue[] {
  const findings: SchemaIssue[] = [];
  const urls = section.endpoints.map((endpoint) => endpoint.url);
  for (const [at, url] of urls.entries())
    if (urls.indexOf(url) < at)
      findings.push(
        finding([...path, "endpoints", at], `${url} is already in the pool; use weight`),
      );
  if (section.balance === "consistent_hash" && section.hash === undefined)
    findings.push(
      finding([...path, "balance"], "consistent_hash needs hash, such as {by: client_address}"),
    );
  if (section.balance !== "consistent_hash" && section.hash !== undefined)
    findings.push(
      finding([...path, "hash"], "has no effect without balance: consistent_hash", "key"),
    );
  const needsName = section.hash?.by === "header" || section.hash?.by === "cookie";
  if (needsName && section.hash?.name === undefined)
    findings.push(finding([...path, "hash"], "needs the name of the header or cookie"));
  if (!needsName && section.hash?.name !== undefined)
    findings.push(
      finding([...path, "hash", "name"], `has no meaning with by: ${section.hash.by}`, "key"),
    );
  if ((section.tls.cert === undefined) !== (section.tls.key === undefined))
    findings.push(
      finding([...path, "tls"], "cert and key belong together: one of them is missing"),
    );
  if (section.health !== undefined && section.health.timeout > section.health.interval)
    findings.push(finding([...path, "health", "timeout"], "is longer than interval"));
  return findings;
}

function checkReach(
  key: "admin" | "explorer",
  section: AdminSection | ExplorerSection | undefined,
): SchemaIssue[] {
  if (section === undefined || isLoopback(section.bind) || section.token_file !== undefined)
    return [];
  return [
    finding(
      [key, "bind"],
      `${formatAddress(section.bind)} can be reached by other machines: token_file is required`,
    ),
  ];
}

/** From the file as it is: a mistake within the audit is told by itself. */
function checkExplorer({ raw, explorer }: Sections): SchemaIssue[] {
  if (explorer === undefined) return [];
  const audit = get(raw, "audit");
  if (audit === undefined)
    return [finding(["explorer"], "needs an audit section: there is no trail to ask", "key")];
  if (get(audit, "directory") !== "-") return [];
  return [finding(["explorer"], 'needs a directory: audit.directory is "-" (stdout)', "key")];
}

/** Lines of `text` have no place for facts. From the file as it is, as above. */
function checkFactsLevel({ raw }: Sections): SchemaIssue[] {
  const audit = get(raw, "audit");
  if (get(audit, "format") !== "text") return [];
  const message = 'level "facts" needs format "ecs": lines of "text" have no place for facts';
  const findings = get(audit, "level") === "facts" ? [finding(["audit", "level"], message)] : [];
  for (const [index, listener] of entriesOf(get(raw, "listeners")))
    for (const [at, route] of entriesOf(get(listener, "routes")))
      if (get(get(route, "audit"), "level") === "facts")
        findings.push(finding(["listeners", index, "routes", at, "audit", "level"], message));
  return findings;
}

function entriesOf(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : [];
}
