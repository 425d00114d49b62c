import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { Route, RouteConnection } from "../../src/tcp/route-contract.ts";
import { startRouter } from "./tcp-fixture.ts";

test("tells addresses as other hosts know them, on a socket for both families, too", async (t) => {
  const seen: RouteConnection[] = [];
  const route: Route = (_data, connection) => {
    seen.push(connection);
    return { close: true };
  };
  const told = await startRouter(t, route, { host: "::" });
  const { port } = told.listener.address;
  const linkLocal = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ address }) => address.startsWith("fe80:"))
      .map(({ address }) => ({ host: `${address}%${name}`, plain: address })),
  );
  const places = [{ host: "127.0.0.1", plain: "127.0.0.1" }, ...linkLocal.slice(0, 1)];
  for (const [at, { host, plain }] of places.entries()) {
    const socket = connect({ host, port });
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    socket.end("x");
    await told.end(at);
    assert.deepEqual(
      [seen[at]?.peer.address, seen[at]?.local.address, told.ended[at]?.peer.address],
      [plain, plain, plain],
    );
  }
});
