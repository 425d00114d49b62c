/**
 * Loaded into a proxy by `make bench-scale`: its sockets share their port with those of other
 * processes (`SO_REUSEPORT`), and the kernel spreads the connections.
 */
import { Server } from "node:net";

const { listen } = Server.prototype as { readonly listen: (...args: unknown[]) => Server };

Server.prototype.listen = function listenTogether(this: Server, ...args: unknown[]): Server {
  const [options] = args;
  if (typeof options === "object" && options !== null && "port" in options)
    args[0] = { ...options, reusePort: true };
  return Reflect.apply(listen, this, args);
};
