/** Errors of scripts as they are shown where no update stands around them. */
import { EsError } from "../es-error.ts";
import { isObject, textOf } from "../json/json-value.ts";

/** The `script_exception` within an error; any other error as it is. */
export function bareScriptError(error: unknown): unknown {
  if (!(error instanceof EsError)) return error;
  const { caused_by: cause } = error.extra;
  if (!isObject(cause) || cause["type"] !== "script_exception") return error;
  const { type: _type, reason, ...rest } = cause;
  return new EsError(error.status, "script_exception", textOf(reason), rest);
}
