import { type MockEs, startMockEs } from "../../../mock-es/index.ts";
import { startProxy } from "../../support/proxy-process.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

/**
 * Runs `use` with a mock of its own, and ends the mock.
 *
 * The mock holds one index: the tests are written for a stack, where indices exist before the first
 * test (`indices.stats` counts shards of all indices).
 */
export async function withMock<T>(use: (mock: MockEs) => Promise<T>): Promise<T> {
  const mock = await startMockEs({ port: 0 });
  try {
    const created = await fetch(`${mock.url}/before-the-tests`, { method: "PUT" });
    if (created.status !== 200)
      throw new Error(`the mock did not create an index: ${await created.text()}`);
    await created.arrayBuffer();
    mock.requests.reset();
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
