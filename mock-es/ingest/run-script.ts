/** Scripts of processors and conditions. */
import { bareScriptError } from "../script/bare-error.ts";
import { runScript, type Script } from "../script/script.ts";
import type { IngestDocument } from "./ingest-document.ts";

/**
 * Runs a script over a document, and gives what it returns.
 *
 * @throws {EsError} 400 `script_exception` for what it runs into
 */
export function runBare(script: Script, document: IngestDocument): unknown {
  try {
    return runScript(script, { variables: { ctx: document.fields } });
  } catch (error) {
    throw bareScriptError(error);
  }
}
