#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { CommandLineProblem, helpText, parseCommandLine } from "./command-line.ts";
import { startMockEs } from "./index.ts";

/** Exit codes: 0 fine, 1 failure, 2 usage. */
async function main(): Promise<void> {
  const command = parseCommandLine(
    process.argv.slice(2),
    (path) => readFileSync(path),
    process.env,
  );
  if (command === "help") {
    process.stdout.write(helpText);
    return;
  }
  const mock = await startMockEs({
    ...command,
    onUnmatched: (method, target, reason, nearest) => {
      process.stderr.write(
        `mock-es: not answered: ${method} ${JSON.stringify(target)}: ${reason} (nearest: ${nearest})\n`,
      );
    },
  });
  const stop = (): void => {
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (mock.controlUrl !== undefined)
    process.stdout.write(`mock-es control on ${mock.controlUrl}\n`);
  if (!mock.faults.isEmpty) process.stdout.write(`mock-es faults with seed ${mock.faults.seed}\n`);
  for (const url of mock.nodeUrls.slice(1)) process.stdout.write(`mock-es node on ${url}\n`);
  const isMade = !process.argv.some((word) => word.startsWith("--elastic-password"));
  if (command.security !== undefined && isMade && (process.env["ELASTIC_PASSWORD"] ?? "") === "")
    process.stdout.write(`mock-es password of elastic: ${command.security.elasticPassword}\n`);
  process.stdout.write(`mock-es listening on ${mock.url}\n`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof CommandLineProblem;
  process.stderr.write(`mock-es: ${describe(error)}\n${isUsage ? "Try mock-es --help\n" : ""}`);
  process.exitCode = isUsage ? 2 : 1;
});

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (code === "EADDRINUSE")
    return `port ${port ?? "?"} on ${address ?? "?"} is in use; choose another with --port, or 0 for a free one`;
  if (code === "EACCES" && port !== undefined)
    return `no permission to listen on port ${port}; choose one above 1023`;
  if (code === "EADDRNOTAVAIL")
    return `the address ${address ?? "?"} does not belong to this machine`;
  return error.message;
}
