/** Records about a directory that no running proxy could take: those of copies, beside the logs. */

/** Name of the file; no reader takes it for a segment. */
export const sideLogFile = "side-log.jsonl";
