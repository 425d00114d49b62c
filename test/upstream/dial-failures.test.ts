import assert from "node:assert/strict";
import { test } from "node:test";
import { DialFailures } from "../../src/upstream/dial-failures.ts";
import { endpointAt, KeptLog, ManualClock } from "./upstream-fixture.ts";

test("each reason is logged at once, and again only after a minute, for each endpoint by itself", () => {
  const clock = new ManualClock();
  const log = new KeptLog();
  const failures = new DialFailures("p", clock, log);
  const [one, two] = [endpointAt(1), endpointAt(2)];
  const linesAfter = (endpoint: typeof one, reason: string): number => {
    failures.note(endpoint, reason);
    return log.lines.length;
  };
  assert.equal(linesAfter(one, "ECONNREFUSED"), 1);
  assert.match(
    log.lines[0] ?? "",
    /^warn no connection to the endpoint .*"pool":"p".*"reason":"ECONNREFUSED"/,
  );
  assert.equal(linesAfter(one, "ECONNREFUSED"), 1);
  assert.equal(linesAfter(one, "CERT_HAS_EXPIRED"), 2, "another reason");
  assert.equal(linesAfter(two, "ECONNREFUSED"), 3, "another endpoint");
  clock.ms += 59_999;
  assert.equal(linesAfter(one, "ECONNREFUSED"), 3);
  clock.ms += 1;
  assert.equal(linesAfter(one, "ECONNREFUSED"), 4);
  assert.equal(linesAfter(one, "ECONNREFUSED"), 4);
});
