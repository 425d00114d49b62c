import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test from "node:test";
import { pathToFileURL } from "node:url";
import type { Moment } from "../../stress/harness/run.ts";
import { noiseOf, type StressReport, stressPage } from "../../stress/report/stress-page.ts";
import { needsBrowser, openPage } from "../support/browser.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const moment: Moment = {
  second: 1,
  completed: 1000,
  p50Ms: 3,
  p99Ms: 9,
  problems: 0,
  open: 5,
  residentMiB: 120,
  heapMiB: 40,
  delayP99Ms: 1.5,
  delayMaxMs: 4,
  cpuSeconds: 1,
  retries: 0,
  reloads: 0,
};

function reportWith(rates: readonly number[], failures: readonly string[] = []): StressReport {
  return {
    takenAt: "2026-01-02T03:04:05.000Z",
    machine: { processor: "a <fast> one" },
    result: {
      scenario: "mixed",
      title: "searches & more",
      clients: 50,
      seconds: rates.length,
      requestsPerSecond: 1000,
      load: {
        kind: "done",
        completed: 5000,
        excused: 0,
        problemCount: failures.length,
        problems: [],
        distribution: [
          [0, 1],
          [50, 3],
          [99, 9],
          [100, 30],
        ],
        elapsedMs: rates.length * 1000,
      },
      moments: rates.map((completed, index) => ({ ...moment, second: index + 1, completed })),
      cpuMicroseconds: 80,
      reconciled: { agreed: 5000, problemCount: 0, problems: [], records: 10_000 },
      failures,
    },
  };
}

test("the page shows verdict, figures and five plots, and escapes what it quotes", () => {
  const page = stressPage(reportWith([900, 1000, 1000, 1000, 900]));
  assert.match(page, /<p class="passed">passed<\/p>/u);
  assert.equal(page.match(/<svg /gu)?.length, 5);
  assert.equal(page.match(/<polyline class="now"/gu)?.length, 5);
  assert.equal(page.match(/<polyline class="old"/gu), null);
  assert.ok(page.includes("searches &#38; more") && page.includes("a &#60;fast&#62; one"));
  assert.doesNotMatch(page, /<script|https?:\/\//u);
  const failed = stressPage(reportWith([1000], ["1 wrong answers, the first: <b>"]));
  assert.match(failed, /<ul class="failed"><li>1 wrong answers, the first: &#60;b&#62;<\/li>/u);
});

test("a change within the noise of both runs is called noise, a larger one is not", () => {
  const before = reportWith([0, 1000, 1100, 900, 1000, 0]);
  assert.match(
    stressPage(reportWith([0, 1050, 1150, 950, 1050, 0]), before),
    /\+5\.0 % \(noise\)/u,
  );
  assert.match(stressPage(reportWith([0, 2000, 2010, 1990, 2000, 0]), before), /\+100\.0 %<\/td>/u);
  assert.equal(stressPage(before, before).match(/<polyline class="old"/gu)?.length, 5);
  assert.deepEqual(noiseOf([5, 5, 5, 5, 5]), { mean: 5, deviation: 0 });
});

test("the unfinished last second and the longest latency are not drawn as points", () => {
  const report = reportWith([900, 1000, 1100]);
  const unfinished = { ...moment, second: 3, completed: 7 };
  const result = { ...report.result, moments: [...report.result.moments, unfinished] };
  const page = stressPage({ ...report, result });
  const lines = [...page.matchAll(/<polyline class="now" points="([^"]*)"/gu)].map(
    ([, points = ""]) => points.split(" ").length,
  );
  assert.deepEqual(lines, [3, 3, 3, 3, 3], "three seconds, and the percentiles below 100");
  assert.match(page, /the longest took 30\.0 ms/u);
  assert.match(page, />1,500\/s</u, "axes end at round numbers");
  assert.doesNotMatch(page, />p100</u);
});

test(
  "a browser draws every line inside its plot, in a page that asks for nothing else",
  needsBrowser,
  async () => {
    await using folder = await makeTempDir("page");
    const file = folder.file("page.html");
    await writeFile(
      file,
      stressPage(reportWith([900, 1000, 1100, 1000, 900]), reportWith([800, 900, 1000, 900, 800])),
    );
    await using opened = await openPage();
    const { page, problems } = opened;
    await page.goto(pathToFileURL(file).href);
    const lines = await page.evaluate<{ isInside: boolean; width: number }[]>(
      `[...document.querySelectorAll("polyline")].map((line) => {
        const inner = line.getBoundingClientRect();
        const outer = line.closest("svg").getBoundingClientRect();
        return {
          isInside:
            inner.left >= outer.left && inner.right <= outer.right &&
            inner.top >= outer.top && inner.bottom <= outer.bottom,
          width: inner.width,
        };
      })`,
    );
    assert.equal(lines.length, 10);
    assert.ok(
      lines.every(({ isInside, width }) => isInside && width > 100),
      JSON.stringify(lines),
    );
    assert.deepEqual(problems, []);
  },
);
