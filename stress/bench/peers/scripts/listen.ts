import type { Server } from "node:http";

/**
 * Lets a peer's server listen on a free port of 127.0.0.1, say which, and end with the process that
 * started it.
 */
export function listen(server: Server): void {
  server.keepAliveTimeout = 75_000;
  server.listen(0, "127.0.0.1", 1024, () => announce(server.address()));
  process.on("disconnect", () => process.exit(0));
}

/** Says where the peer listens, in the words that the benchmark waits for. */
export function announce(address: unknown): void {
  if (typeof address === "object" && address !== null && "port" in address) {
    console.error(`listening on http://127.0.0.1:${String(address.port)}`);
  }
}

/**
 * Loads a package that is installed on demand, by a name which the compiler does not resolve: the
 * project must compile without it. The caller states the part of the package that it uses.
 */
export async function loadPeerPackage<Shape>(name: string): Promise<Shape> {
  return (await import(name)) as Shape;
}
