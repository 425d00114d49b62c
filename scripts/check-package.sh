#!/usr/bin/env bash
# The package that users install: no dependency of it brings an install script, the lockfile names no download address, and what is published is
# complete and can be imported.
set -euo pipefail
cd "$(dirname "$0")/.."

node - <<'SCRIPT'
const lock = require("./package-lock.json");
const problems = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === "") continue;
  if (entry.hasInstallScript && !entry.dev) problems.push(`${path} runs an install script`);
  if (/^https?:/.test(entry.resolved ?? "")) problems.push(`${path} names a download address`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`package: ${Object.keys(lock.packages).length - 1} locked packages, no install script for users, no download address`);
SCRIPT

publint --strict
node --input-type=module -e '
  const [proxy, mock] = await Promise.all([import("es-proxy"), import("es-proxy/mock-es")]);
  if (typeof proxy.startProxy !== "function" || typeof mock.startMockEs !== "function") throw new Error("the built package lacks its functions");
  console.log("package: es-proxy and es-proxy/mock-es can be imported as built");'
