/** The servers that test files run against. */
import { request } from "undici";
import { type MockEs, startMockEs } from "../../../mock-es/index.ts";
import { routeTable } from "../../../mock-es/route-table.ts";
import { startProxy } from "../../support/proxy-process.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

/** Names of the APIs that the mock has: a route of them that is missing is a defect of the mock. */
export const supportedApis: ReadonlySet<string> = new Set(
  routeTable.map((route) => route.apiEndpoint),
);

/**
 * Runs `use` with a mock of its own, and ends the mock.
 *
 * The mock holds one index: the tests are written for a stack, where indices exist before the first
 * test (`indices.stats` counts shards of all indices).
 */
export async function withMock<T>(use: (mock: MockEs) => Promise<T>): Promise<T> {
  return withEmptyMock(async (mock) => {
    const created = await fetch(`${mock.url}/before-the-tests`, { method: "PUT" });
    if (created.status !== 200)
      throw new Error(`the mock did not create an index: ${await created.text()}`);
    await created.arrayBuffer();
    mock.requests.reset();
    return await use(mock);
  });
}

/** Runs `use` with a mock that holds nothing, and ends the mock. */
export async function withEmptyMock<T>(use: (mock: MockEs) => Promise<T>): Promise<T> {
  // The suite looks for the attribute that its own nodes are started with.
  const mock = await startMockEs({ port: 0, nodeAttributes: { testattr: "test" } });
  try {
    return await use(mock);
  } finally {
    await mock.close();
  }
}

/** Runs `use` with the URL of a proxy in front of `url` (plain HTTP), and ends the proxy. */
export async function withProxy<T>(url: string, use: (url: string) => Promise<T>): Promise<T> {
  await using folder = await makeTempDir("es-proxy-conformance");
  const { hostname, port } = new URL(url);
  const args = ["--no-tls", "--audit", folder.file("audit"), "--format", "ecs"];
  await using proxy = await startProxy({ remoteHost: hostname, remotePort: Number(port), args });
  return await use(`http://${proxy.host}:${proxy.port}`);
}

/**
 * Removes everything that a test may leave on a server. What the server does not have is fine.
 *
 * Wildcards may then delete and close indices, as on the nodes that the suites were written for.
 */
export async function wipeServer(url: string): Promise<void> {
  const targets = [
    "/_data_stream/*?expand_wildcards=all",
    "/_index_template/*",
    "/_component_template/*",
    "/_template/*",
    "/_ingest/pipeline/*",
    "/_search/scroll/_all",
  ];
  for (const target of targets) await dump(url, "DELETE", target);
  for (const name of await repositoryNames(url)) await dump(url, "DELETE", `/_snapshot/${name}/*`);
  await dump(url, "DELETE", "/_snapshot/*");
  for (const name of await indexNames(url)) await dump(url, "DELETE", `/${name}`);
  await dump(url, "PUT", "/_cluster/settings", '{"persistent":{"*":null},"transient":{"*":null}}');
  await dump(
    url,
    "PUT",
    "/_cluster/settings",
    '{"persistent":{"action.destructive_requires_name":false}}',
  );
}

async function repositoryNames(url: string): Promise<string[]> {
  const answer = await request(`${url}/_snapshot`);
  const repositories = (await answer.body.json()) as object;
  return answer.statusCode === 200 ? Object.keys(repositories).map(encodeURIComponent) : [];
}

async function indexNames(url: string): Promise<string[]> {
  const answer = await request(`${url}/_cat/indices?h=index&expand_wildcards=all&format=json`);
  const rows = (await answer.body.json()) as readonly { readonly index: string }[];
  return rows.map((row) => encodeURIComponent(row.index));
}

async function dump(url: string, method: string, target: string, body?: string): Promise<void> {
  const answer = await request(`${url}${target}`, {
    method,
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  });
  await answer.body.dump();
}
