/**
 * Fetches and starts a real Elasticsearch, runs the client scenarios against it directly and
 * through the proxy, and stops it.
 *
 * `--facts` only compares facts with what the cluster says. `--secured` starts a node with users
 * (`--version 8.19.0` or `9.5.3`; without it both, in turn) and proves what the proxy says of them.
 * `--serve` only starts the node and keeps it until SIGINT or SIGTERM; `--port` chooses its port.
 * Exit codes: 0 all the same, 1 a difference or a failure, 3 when Maven or a JDK is missing.
 */
import { once } from "node:events";
import { superuser } from "./corpus/all.ts";
import { factsClients } from "./facts-clients.ts";
import { proveFacts } from "./facts-proof.ts";
import { MissingPrerequisites } from "./prerequisites.ts";
import { type NodeSecurity, startRealElasticsearch } from "./real-elasticsearch.ts";
import { securedVersions } from "./secured-distribution.ts";
import { proveSecurity } from "./secured-proof.ts";
import { proveTransparency, variants, type VariantReport } from "./transparency.ts";
import { numberOf, oneOf, readCommandLine } from "../../scripts/command-line.ts";

const { values } = readCommandLine(
  `Runs the client scenarios against a real Elasticsearch, directly and through the proxy.

  node test/elasticsearch/main.ts [options]    Maven and a JDK are needed

  --serve        only start the node, and keep it until SIGINT or SIGTERM
  --port N       of that node (default: a free one)
  --facts        only compare facts with what the cluster says
  --secured      a node with users, and what the proxy says of them is proved
  --version V    with --secured: ${securedVersions.join(" or ")} (default: both, in turn)

  node test/elasticsearch/main.ts --serve --port 19200
`,
  {
    serve: { type: "boolean" },
    port: { type: "string" },
    facts: { type: "boolean" },
    secured: { type: "boolean" },
    version: { type: "string" },
  },
);

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function runVariants(url: string): Promise<void> {
  for (const variant of variants) {
    progress(`running the scenarios: ${variant.name}`);
    printReport(variant.name, await proveTransparency(url, variant));
  }
}

async function runAll(url: string): Promise<void> {
  if (values.facts !== true) await runVariants(url);
  await runFacts(url);
}

/** A bulk of 5,000 documents and a scroll over 100,000, in the languages that are there. */
const factsScale = { documents: 5000, scrolled: 100_000, pageSize: 5000 };

async function runFacts(url: string): Promise<void> {
  print("\nfacts, compared with what the cluster says afterwards");
  for (const [name, make] of factsClients) {
    progress(`comparing facts: ${name}`);
    const client = await make().catch((error: unknown) => {
      print(`  ${name.padEnd(58)} skip   ${describe(error).split("\n", 1)[0] ?? ""}`);
      return undefined;
    });
    if (client === undefined) continue;
    const report = await proveFacts(url, client, factsScale);
    const { written, failed, read, scrolled, scrollCalls } = report;
    print(
      `  ${name.padEnd(58)} same   ${written} written, ${failed} failed, ${read} read, ` +
        `${scrolled} in a scroll of ${scrollCalls} calls`,
    );
  }
}

function printReport(name: string, report: VariantReport): void {
  print(`\n${name}`);
  for (const scenario of report.scenarios) {
    const { identical, normalised, skipped } = scenario;
    const verdict =
      skipped === undefined
        ? `same   ${identical} bodies byte-identical, ${normalised} after replacing took and ids`
        : `skip   ${skipped}`;
    print(`  ${scenario.name.padEnd(58)} ${verdict}`);
  }
  print(
    `  ${"raw replay, heads and framing included".padEnd(58)} same   ${report.replayed} answers byte-identical`,
  );
  print(`  ${"audit".padEnd(58)} ${report.audited} requests, one pair of records each`);
}

async function runSecured(url: string): Promise<void> {
  const report = await proveSecurity(url);
  print("\nusers, roles, API keys and run-as");
  const rows = [
    ["answers, directly and through the proxy", `same   ${report.same}`],
    ["records that name who the request is from", `${report.named}`],
    ["records that agree with _authenticate", `${report.confirmed}`],
    ["401 recorded as failed authentications", `${report.unauthenticated}`],
    ["403 recorded as denied", `${report.denied}`],
    ["credentials that no file of the audit holds", `${report.credentials}`],
  ];
  for (const [name = "", value] of rows) print(`  ${name.padEnd(58)} ${value}`);
}

/** Starts a node, and serves with it or runs the proofs. */
async function useNode(security: NodeSecurity | undefined): Promise<void> {
  await using node = await startRealElasticsearch({
    port: numberOf(values.port, "--port", 0),
    progress,
    ...(security === undefined ? {} : { security }),
  });
  const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  if (values.serve === true) {
    print(node.url);
    await signal;
    return;
  }
  const interrupted = signal.then(() => {
    throw new Error("interrupted");
  });
  const proofs = security === undefined ? runAll : runSecured;
  await Promise.race([proofs(node.url), interrupted]);
  print(`\nElasticsearch ${node.version}: the same answers directly and through the proxy`);
}

try {
  if (values.secured === true) {
    if (values.version !== undefined) oneOf(values.version, "--version", securedVersions);
    const versions = securedVersions.filter((one) => one === (values.version ?? one));
    for (const version of versions) await useNode({ version, password: superuser.password });
  } else {
    await useNode(undefined);
    if (values.serve !== true && values.facts !== true)
      for (const version of securedVersions)
        await useNode({ version, password: superuser.password });
  }
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = error instanceof MissingPrerequisites ? 3 : 1;
}
// Listeners for signals and a half-run scenario must not keep the process.
process.exit();

function describe(error: unknown): string {
  if (error instanceof MissingPrerequisites) return error.message;
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? (error.stack ?? error.message)
    : `${error.message}\n${describe(error.cause)}`;
}
