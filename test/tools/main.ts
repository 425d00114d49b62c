/**
 * Ships a trail with the tools of others, by the files in `deploy/`, and counts what arrives:
 * `make test-tools`. Exit codes: 0 each document is there once; 1 not; 3 a tool cannot be had.
 *
 * Usage: node test/tools/main.ts [rsyslog] [filebeat]
 */
import { argv, stderr, stdout } from "node:process";

import { proveFilebeat } from "./filebeat.ts";
import { MissingTool } from "./missing-tool.ts";
import { proveRsyslog } from "./rsyslog.ts";

const tools = { rsyslog: proveRsyslog, filebeat: proveFilebeat };
const wanted = argv.slice(2);
for (const [name, prove] of Object.entries(tools)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    const count = await prove((line) => stderr.write(`${name}: ${line}\n`));
    stdout.write(`${name}: ${count} documents, each once\n`);
  } catch (error) {
    if (!(error instanceof MissingTool)) throw error;
    stdout.write(`${error.message}\n`);
    process.exitCode = 3;
  }
}
