/**
 * Ships a trail with the tools of others, by the files in `deploy/`, and counts what arrives:
 * `make test-tools`. Exit codes: 0 each document is there once; 1 not; 3 a tool cannot be had.
 *
 * Usage: node test/tools/main.ts [--real] [rsyslog] [filebeat]
 *
 * With `--real` a real Elasticsearch takes the documents (`make test-elasticsearch`), not the mock.
 */
import { stderr, stdout } from "node:process";

import { proveFilebeat } from "./filebeat.ts";
import { MissingTool } from "./missing-tool.ts";
import { MissingPrerequisites } from "../elasticsearch/prerequisites.ts";
import { mockTarget, realTarget } from "./trail-target.ts";
import { proveRsyslog } from "./rsyslog.ts";
import { oneOf, readCommandLine } from "../../scripts/command-line.ts";

const tools = { rsyslog: proveRsyslog, filebeat: proveFilebeat };
const { values, positionals } = readCommandLine(
  `Ships a trail with the tools of others, by the files in deploy/, and counts what arrives.

  node test/tools/main.ts [--real] [rsyslog] [filebeat]

  --real    a real Elasticsearch takes the documents, not the mock

  node test/tools/main.ts filebeat
`,
  { real: { type: "boolean" } },
  2,
);
const isReal = values.real === true;
const wanted = positionals.map((name) => oneOf(name, "a tool", Object.keys(tools)));
for (const [name, prove] of Object.entries(tools)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  try {
    const tell = (line: string): void => void stderr.write(`${name}: ${line}\n`);
    await using target = isReal ? await realTarget(tell) : await mockTarget();
    const count = await prove(target, tell);
    const where = isReal ? "a real Elasticsearch" : "the mock";
    stdout.write(`${name}: ${count} documents in ${where}, each once\n`);
  } catch (error) {
    if (!(error instanceof MissingTool) && !(error instanceof MissingPrerequisites)) throw error;
    stdout.write(`${error.message}\n`);
    process.exitCode = 3;
  }
}
