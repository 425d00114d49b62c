#!/usr/bin/env bash
# Prints the directory that holds a `node` new enough for this project, for the Makefile to put first on PATH.
#
# The Node on PATH is used when it is >= 24.18.1 (older releases have request-smuggling and TLS flaws). Otherwise
# the Node in .runtime/ is used; when there is none it is installed there from the npm registry: the package
# `node-<os>-<cpu>` carries the binary, so no install script has to run.
set -euo pipefail

minimum=24.18.1
wanted=26.10.0
root=$(cd "$(dirname "$0")/.." && pwd)
runtime="$root/.runtime"

is_new_enough() { # node binary
  "$1" -e '
    const [a, b, c] = process.versions.node.split(".").map(Number);
    const [x, y, z] = process.argv[1].split(".").map(Number);
    process.exit(a > x || (a === x && (b > y || (b === y && c >= z))) ? 0 : 1)' "$minimum" 2>/dev/null
}

if found=$(command -v node) && is_new_enough "$found"; then
  dirname "$found"
  exit 0
fi

if [ -x "$runtime/bin/node" ] && is_new_enough "$runtime/bin/node"; then
  echo "$runtime/bin"
  exit 0
fi

command -v npm >/dev/null || { echo "es-proxy needs Node >= $minimum, or npm to install it from the npm registry; neither is on PATH" >&2; exit 1; }

case "$(uname -s)" in Linux) os=linux ;; Darwin) os=darwin ;; *) os= ;; esac
case "$(uname -m)" in x86_64|amd64) cpu=x64 ;; aarch64|arm64) cpu=arm64 ;; *) cpu= ;; esac
[ -n "$os" ] && [ -n "$cpu" ] || { echo "no prebuilt Node for $(uname -s) $(uname -m): install Node >= $minimum yourself" >&2; exit 1; }

echo "the Node on PATH is older than $minimum: installing Node $wanted into .runtime (once)" >&2
mkdir -p "$runtime"
stage=$(mktemp -d "$runtime/stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
(cd "$stage" && echo '{"private":true}' > package.json &&
  npm install --no-audit --no-fund --no-save --ignore-scripts --loglevel=error "node-$os-$cpu@$wanted") >&2
mkdir -p "$runtime/bin"
mv -f "$stage/node_modules/node-$os-$cpu/bin/node" "$runtime/bin/node"
"$runtime/bin/node" --version >/dev/null || { echo "the installed Node does not start (on Linux it needs libatomic1)" >&2; exit 1; }
echo "$runtime/bin"
