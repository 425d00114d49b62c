/**
 * A second opinion on rate and latency by autocannon, whose code shares nothing with the load of
 * `load.ts`.
 *
 * One message with the target, one answer. autocannon costs more CPU than most of the peers, so it
 * cannot saturate the fast ones; of a mixture it sends the first exchange only. It serves to check
 * that the other load's figures are in the right order.
 */
import autocannon from "autocannon";
import type { AutocannonReport, LoadTarget } from "./messages.ts";

const warmupSeconds = 1;
const measuredSeconds = 3;
/** autocannon writes these fields itself; twice they would be an invalid request. */
const ownFields = new Set(["content-length", "connection"]);

process.on("message", (target: LoadTarget) => {
  void measure(target).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit(0));

async function measure(target: LoadTarget): Promise<AutocannonReport> {
  await autocannon(optionsOf(target, warmupSeconds));
  const result = await autocannon(optionsOf(target, measuredSeconds));
  const { errors, timeouts, non2xx, latency, requests } = result;
  const report = { requestsPerSecond: requests.average, p50Ms: latency.p50, p99Ms: latency.p99 };
  if (errors + timeouts + non2xx === 0) return report;
  const problem = `${errors} errors, ${timeouts} timeouts, ${non2xx} other statuses`;
  return { ...report, error: `autocannon got ${problem}` };
}

function optionsOf(target: LoadTarget, duration: number): autocannon.Options {
  const [head, body] = splitOnce(target.exchanges[0]?.request ?? "", "\r\n\r\n");
  const [startLine = "", ...lines] = head.split("\r\n");
  const [method = "GET", path = "/"] = startLine.split(" ");
  const fields = lines
    .map((line) => splitOnce(line, ": "))
    .filter(([name]) => !ownFields.has(name.toLowerCase()));
  const options = {
    url: `${target.tls ? "https" : "http"}://127.0.0.1:${target.port}${path}`,
    method: method as NonNullable<autocannon.Request["method"]>,
    headers: Object.fromEntries(fields),
    connections: target.connections,
    duration,
  };
  return body === "" ? options : { ...options, body };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
