/** A client of the cluster that a command line names, for as long as a question takes. */
import { ClusterClient, ClusterError } from "../../audit/ship/cluster-client.ts";
import { exitCodes } from "../exit-codes.ts";
import type { FleetStream } from "./fleet-options.ts";

/** Asks, tells why it could not be, and ends the connections. @returns the exit code */
export async function askFleet(
  command: string,
  { cluster }: FleetStream,
  ask: (client: ClusterClient) => Promise<number>,
): Promise<number> {
  const client = new ClusterClient(cluster);
  try {
    return await ask(client);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    process.stderr.write(`es-proxy ${command}: ${error.message}\n`);
    return exitCodes.failure;
  } finally {
    await client.close();
  }
}
