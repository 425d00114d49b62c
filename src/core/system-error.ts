/**
 * Reads code and message of errors of the system, of OpenSSL or of a user's code: the type of what
 * was thrown is not known.
 */

/**
 * The code of an error of the system or of OpenSSL, such as `ENOENT`.
 *
 * @param otherwise what is given for a value without a code. @default "error"
 */
export function errorCode(error: unknown, otherwise = "error"): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && code !== "" ? code : otherwise;
}

/** Whether an error has this code. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return errorCode(error, "") === code;
}

/** The words of an error; they may quote foreign bytes, so they are for the operator only. */
export function errorMessage(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    // What users' code throws need not have a text: `Object.create(null)` has none.
    return "something without a text";
  }
}
