/** `indices` in the bodies of snapshots: one expression, or a list of them. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { toJavaText } from "../values/java-text.ts";

/** The indices that a snapshot is made of, or that are restored. @throws {EsError} 400 */
export function snapshotIndices(given: unknown): string | undefined {
  if (given === undefined || typeof given === "string") return given;
  if (!Array.isArray(given))
    throw illegalArgument("malformed indices section, should be an array of strings");
  // The server fails with a status of 500.
  if (given.some((name) => typeof name !== "string"))
    throw notSupported("[indices] of other kinds");
  return given.join(",");
}

/** The indices that a snapshot is copied with. @throws {EsError} 400 */
export function clonedIndices(given: unknown): string {
  if (given === null)
    throw new EsError(400, "parse_exception", "Expected a list of strings but got null");
  const names = Array.isArray(given)
    ? (given as readonly unknown[]).map(toJavaText)
    : toJavaText(given ?? "").split(",");
  const text = names.join(",");
  if (text === "") throw validationFailed("indices patterns are empty");
  return text;
}
