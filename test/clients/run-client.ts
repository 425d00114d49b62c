import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/**
 * Runs a client to its end, beside what serves it in this process.
 *
 * @returns its standard output
 * @throws {Error} with its standard error when it fails, or takes longer than a minute
 */
export async function runClient(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    // The address of the proxy is meant, whatever proxies the environment names.
    env: { PATH: process.env["PATH"], no_proxy: "*" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr}`);
  return stdout.trim();
}
