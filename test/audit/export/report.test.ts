import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { html } from "../../../src/core/html.ts";
import { pciQuestions } from "../../../src/audit/export/report/pci-questions.ts";
import { reportHtml } from "../../../src/audit/export/report/report-html.ts";
import type { Report } from "../../../src/audit/export/report/report.ts";
import { compileFilter } from "../../../src/kql/filter.ts";

const evil = `</style></title><script>alert(1)</script>"'><img src=x onerror=alert(1)>\u202e\x00&amp;`;

/** A report with a hostile text in each of its places. */
function hostile(): Report {
  const group = { value: evil, count: 3, failed: 1, documents: 2 };
  return {
    kind: evil,
    title: evil,
    about: [evil],
    facts: [[evil, evil]],
    sections: [
      {
        key: evil,
        title: evil,
        words: evil,
        command: evil,
        count: 3,
        failed: 1,
        firstMs: 0,
        lastMs: 1,
        groups: [{ title: evil, values: [group] }],
        columns: [evil],
        rows: [{ id: evil, cells: [evil] }],
        ids: [evil],
        notes: [evil],
      },
    ],
    limits: [evil],
  };
}

test("a template escapes what is put in, and nothing twice", () => {
  const inner = html`<b>${"<i>"}</b>`;
  assert.equal(html`<p title="${'"'}">${inner}${[inner]}</p>`.text.match(/<b>/g)?.length, 2);
  assert.equal(html`${"a`b'c\x07"}`.text, "a&#96;b&#39;c\ufffd");
  const disguised = "admin\u3164 \u202enimda ad\u200dmin";
  assert.equal(html`${disguised}`.text, String.raw`admin\u3164 \u202enimda ad\u200dmin`);
  assert.equal(html`${1}${"&lt;"}`.text, "1&amp;lt;");
});

test("nothing that records hold becomes markup of a report", () => {
  const page = reportHtml(hostile());
  assert.doesNotMatch(page, /<script|<img|onerror=alert\(1\)>"|\u202e|\0/);
  assert.equal(page.match(/<style>/g)?.length, 1);
  assert.equal(page.match(/<\/style>/g)?.length, 1);
  assert.equal(page.match(/<title>/g)?.length, 1);
  assert.match(page, /default-src &#39;none&#39;/);
  assert.doesNotMatch(page, /https?:\/\//, "the page loads nothing");
});

const browser = "/usr/bin/chromium";

test(
  "a browser runs and loads nothing of a hostile report, in light, dark, small and print",
  { skip: !existsSync(browser) },
  async () => {
    await using chrome = await chromium.launch({
      executablePath: browser,
      args: ["--no-sandbox"],
    });
    const page = await chrome.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("dialog", (dialog) => assert.fail(dialog.message()));
    await page.setContent(reportHtml(hostile()));
    assert.deepEqual(asked, []);
    assert.equal(await page.locator("script, img").count(), 0);
    assert.equal(await page.locator("main section").count(), 2);
    await page.setViewportSize({ width: 375, height: 700 });
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    assert.equal(wide, 375, "no part of the page is wider than a small screen");
  },
);

test("the seven items of the requirement are asked with filters that mean something", () => {
  for (const scope of [
    { indices: [], admins: [] },
    { indices: ["cards-*", "pan"], admins: ['ro"ot', "or", "a b"] },
  ]) {
    const questions = pciQuestions(scope);
    assert.deepEqual(
      questions.map(({ key }) => key),
      [1, 2, 3, 4, 5, 6, 7].map((item) => `10.2.1.${item}`),
    );
    for (const { filter } of questions)
      assert.deepEqual(compileFilter(filter, { nowMs: 0 }).warnings, [], filter);
  }
});
