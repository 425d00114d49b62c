import type { Child } from "./child.ts";
import { ask, startScript } from "./child.ts";
import type { OriginAddress, OriginCount, OriginOptions } from "./messages.ts";
import type { Scenario } from "./scenarios.ts";
import { scriptFile } from "./script-file.ts";

/** A server behind the proxies. */
export interface Origin {
  readonly child: Child;
  readonly port: number;
  readonly status: number;
}

/**
 * Starts the origins of a scenario, failing ones first, and adds their processes to `children`,
 * whose owner stops them.
 */
export async function startOrigins(scenario: Scenario, children: Child[]): Promise<Origin[]> {
  const origins: Origin[] = [];
  for (let at = 0; at < scenario.failingOrigins + scenario.healthyOrigins; at += 1) {
    const status = at < scenario.failingOrigins ? 503 : 200;
    const options: OriginOptions = {
      status,
      answers: [scenario, ...scenario.others].map(({ answer }) => answer),
      fields: scenario.answerFields,
    };
    const child = await startScript(scriptFile("origin.ts"), []);
    children.push(child);
    const { port } = await ask<OriginAddress>(child, options);
    origins.push({ child, port, status });
  }
  return origins;
}

/**
 * What has arrived at the healthy origins, and how many requests at the failing ones, since the
 * last question.
 */
export async function countOrigins(
  origins: readonly Origin[],
): Promise<{ healthy: OriginCount; failing: number }> {
  const healthy = { requests: 0, bodyBytes: 0 };
  let failing = 0;
  for (const origin of origins) {
    const count = await ask<OriginCount>(origin.child, {});
    if (origin.status === 200) {
      healthy.requests += count.requests;
      healthy.bodyBytes += count.bodyBytes;
    } else failing += count.requests;
  }
  return { healthy, failing };
}
