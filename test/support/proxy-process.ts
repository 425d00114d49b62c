import { Child, type ChildOptions, startScript } from "./child-process.ts";

/** A running proxy: the child and where it listens. */
export interface ProxyProcess extends AsyncDisposable {
  readonly child: Child;
  /** `http` or `https`, as the proxy announced it. */
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

/** How {@link startProxy} starts the ancestor's form. */
export interface StartProxyOptions extends ChildOptions {
  /** Port of the endpoint. */
  readonly remotePort: number;
  /** @default "127.0.0.1" */
  readonly remoteHost?: string;
  /** Further options of the command line. @default ["--no-tls"] */
  readonly args?: readonly string[];
}

/**
 * A supervisor and two workers are three processes, with a second of CPU each: on two cores that
 * have twenty others to serve they took 25 s. Milliseconds.
 */
const startMs = 90_000;

/**
 * Starts `es-proxy REMOTE-HOST REMOTE-PORT 127.0.0.1 0 …` and waits for the line `listening on
 * http://HOST:PORT`.
 *
 * @throws {Error} with the proxy's stderr when it ends or does not listen in time
 */
export function startProxy(options: StartProxyOptions): Promise<ProxyProcess> {
  const place = [options.remoteHost ?? "127.0.0.1", String(options.remotePort), "127.0.0.1", "0"];
  return startCommand([...place, ...(options.args ?? ["--no-tls"])], options);
}

/**
 * Starts `es-proxy run --config FILE` and waits for its first listener. @throws {Error} like {@link
 * startProxy}
 */
export function startConfiguredProxy(
  file: string,
  options: ChildOptions = {},
): Promise<ProxyProcess> {
  return startCommand(["run", "--config", file], options);
}

async function startCommand(args: readonly string[], options: ChildOptions): Promise<ProxyProcess> {
  const child = startScript("src/cli/main.ts", args, options);
  try {
    const match = await child.stderrMatch(/listening on (https?):\/\/([^\s"]+?):(\d+)/, startMs);
    const [, scheme = "", host = "", port = ""] = match;
    return {
      child,
      scheme,
      host,
      port: Number(port),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (error) {
    await child.kill();
    throw error;
  }
}
