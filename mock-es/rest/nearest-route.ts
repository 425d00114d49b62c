import { editDistance } from "../text/edit-distance.ts";
import type { Route } from "./route.ts";

/**
 * The route whose path looks most like one that no route takes, for the log: `POST
 * /{index}/_search`.
 */
export function nearestRoute(routes: readonly Route[], path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  let nearest: Route | undefined;
  let least = Infinity;
  for (const route of routes) {
    const distance = distanceBetween(route.path.split("/").slice(1), segments);
    if (distance < least) {
      least = distance;
      nearest = route;
    }
  }
  return nearest === undefined ? "" : `${nearest.methods.join(",")} ${nearest.path}`;
}

/**
 * A placeholder costs little, so that `/books/_serch` is nearer to `/{index}/_search` than to
 * `/_search`.
 */
function distanceBetween(pattern: readonly string[], segments: readonly string[]): number {
  let distance = 3 * Math.abs(pattern.length - segments.length);
  for (const [at, expected] of pattern.entries()) {
    const segment = segments[at];
    if (segment === undefined) continue;
    distance += expected.startsWith("{")
      ? 1 + (segment.startsWith("_") ? 3 : 0)
      : editDistance(expected, segment.slice(0, 100));
  }
  return distance;
}
