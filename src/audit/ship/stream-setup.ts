/** Makes a cluster ready for a trail; what is there as it should be is left alone. */
import { ClusterError, type ClusterClient } from "./cluster-client.ts";
import { streamTemplate, templateName, type StreamOptions } from "./stream-template.ts";

/** One request that sets something up. */
export interface SetupStep {
  readonly method: "PUT";
  readonly path: string;
  readonly body: unknown;
}

/** What is to be asked of the cluster, in its order. */
export function setupSteps(options: StreamOptions): readonly SetupStep[] {
  return [
    {
      method: "PUT",
      path: `/_index_template/${encodeURIComponent(templateName(options.dataStream))}`,
      body: streamTemplate(options),
    },
  ];
}

/** What was done. */
export interface SetupResult {
  /** Steps that were not done yet; none when all is as it should be. */
  readonly done: readonly SetupStep[];
  /** The cluster has no type `wildcard`: keywords stand in its place. */
  readonly isPlain: boolean;
}

/**
 * Does what is not done yet.
 *
 * @throws {ClusterError} what the cluster does not take
 */
export async function setUp(client: ClusterClient, options: StreamOptions): Promise<SetupResult> {
  try {
    return { done: await take(client, setupSteps(options)), isPlain: false };
  } catch (error) {
    if (!(error instanceof ClusterError) || !error.message.includes("type [wildcard]")) throw error;
    const steps = setupSteps({ ...options, hasWildcard: false });
    return { done: await take(client, steps), isPlain: true };
  }
}

async function take(client: ClusterClient, steps: readonly SetupStep[]): Promise<SetupStep[]> {
  const done: SetupStep[] = [];
  for (const step of steps) {
    if (await isThere(client, step)) continue;
    await client.request({ method: step.method, path: step.path, body: JSON.stringify(step.body) });
    done.push(step);
  }
  return done;
}

async function isThere(client: ClusterClient, { path, body }: SetupStep): Promise<boolean> {
  try {
    const answer = (await client.request({ method: "GET", path })) as {
      readonly index_templates?: readonly { readonly index_template?: unknown }[];
    };
    const there = answer.index_templates?.[0]?.index_template;
    return there !== undefined && holds(there, body);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return false;
    throw error;
  }
}

/** Whether all that is wanted is there; a cluster writes settings as texts and adds defaults. */
function holds(there: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return String(there) === String(wanted);
  if (typeof there !== "object" || there === null) return false;
  const members = there as Readonly<Record<string, unknown>>;
  return Object.entries(wanted).every(([name, value]) => holds(members[name], value));
}
