/** A thread that scans segments for a verification. */
import { parentPort, workerData } from "node:worker_threads";

import type { AgeKey } from "../../store/age-file.ts";
import { useKeys } from "../../store/opened-keys.ts";
import { scanSegment } from "./segment-scan.ts";
import type { ScanCommand, ScanMessage } from "./segment-scans.ts";

if (parentPort === null) throw new Error("scan-thread.ts runs as a worker thread only");
const port = parentPort;
// `SegmentScans` gives them.
useKeys(workerData as ReadonlyMap<string, AgeKey | undefined>);

port.on("message", (command: ScanCommand) => void scan(command));

async function scan({ segment, options }: ScanCommand): Promise<void> {
  const scanned = scanSegment(segment, options);
  for (let next = await scanned.next(); ; next = await scanned.next()) {
    if (next.done === true) {
      const message: ScanMessage = { kind: "end", end: next.value };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no origin here
      port.postMessage(message);
      return;
    }
    const message: ScanMessage = { kind: "lines", lines: next.value };
    port.postMessage(message);
  }
}
