/** Numbers of shards that an index can have together. */
import { type EsError, illegalArgument } from "../es-error.ts";
import type { IndexSettings } from "./index-settings.ts";
import { routingShards } from "./routing.ts";

/** @throws {EsError} 400 for numbers of shards that do not fit together */
export function checkShardNumbers(settings: IndexSettings, name: string): void {
  const problem = routingProblem(settings);
  if (problem !== undefined) throw illegalArgument(problem);
  const size = settings.routingPartitionSize;
  if (size !== 1 && size >= routingShards(settings))
    throw partitionTooLarge(size, routingShards(settings), name);
}

/** What is wrong with shards and routing shards that are both given; `undefined` for nothing. */
export function routingProblem(settings: IndexSettings): string | undefined {
  const routing = settings.text("index.number_of_routing_shards");
  const { shards } = settings;
  if (routing === undefined || Number(routing) % shards === 0) return undefined;
  return Number(routing) < shards
    ? `index.number_of_routing_shards [${routing}] must be >= index.number_of_shards [${shards}]`
    : factorProblem(shards, routing);
}

/**
 * Checks the settings of a template as the server does: with an index of its own without replicas,
 * that has as many routing shards as shards.
 *
 * @param name of the index of the server's own
 * @throws {EsError} 400
 */
export function checkComposedShards(settings: IndexSettings, name: string): void {
  const size = settings.routingPartitionSize;
  const isGiven = settings.has("index.number_of_shards");
  const shards = isGiven ? settings.shards : size === 1 ? 1 : size + 1;
  const routing = settings.text("index.number_of_routing_shards");
  if (routing !== undefined && Number(routing) % shards !== 0)
    throw illegalArgument(factorProblem(shards, routing));
  if (size !== 1 && size >= shards) throw partitionTooLarge(size, shards, name);
}

function factorProblem(shards: number, routing: string): string {
  return `the number of source shards [${shards}] must be a factor of [${routing}]`;
}

function partitionTooLarge(size: number, shards: number, name: string): EsError {
  return illegalArgument(
    `routing partition size [${size}] should be a positive number less than the number of routing shards [${shards}] for [${name}]`,
  );
}
