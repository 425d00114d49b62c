/** Indices that cat lists, unless a block hides what it would show. */
import { EsError } from "../es-error.ts";
import { checkBlocks } from "../store/block-checks.ts";
import { resolveIndices } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";

/**
 * The indices of an expression, whose metadata is to be seen.
 *
 * @throws {EsError} 403 where a block hides that of one of them
 */
export function shownIndices(...asked: Parameters<typeof resolveIndices>): IndexState[] {
  const found = resolveIndices(...asked);
  checkBlocks(found, "metadata_read");
  return found;
}

/** Two requests of the server fail at once: for settings and for statistics. */
export function blockedTwice<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsError) || error.type !== "cluster_block_exception") throw error;
    const suppressed = [error.toCause()];
    throw new EsError(error.status, error.type, error.reason, { suppressed });
  }
}
