import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { ended, openTrail, someRecord } from "../audit/trail-fixture.ts";
import { needsBrowser, openPage } from "../support/browser.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { screenshot } from "./screenshots.ts";
import { explore, hostile, recordExchanges } from "./trail.ts";

/** A page on a trail of so many exchanges that nobody writes to any more. */
async function openRecorded(count: number) {
  const directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const ids = await recordExchanges(trail, count);
  await trail.close();
  const explorer = await explore(directory.path);
  const browser = await openPage();
  const dispose = async (): Promise<void> => {
    await browser[Symbol.asyncDispose]();
    await explorer[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  };
  return { ids, explorer, browser, page: browser.page, [Symbol.asyncDispose]: dispose };
}

test(
  "from the first view to one exchange and back, by mouse and keyboard",
  needsBrowser,
  async () => {
    await using recorded = await openRecorded(100);
    const { ids, explorer, browser, page } = recorded;
    await page.goto(explorer.url);
    await page.getByText("100 found").waitFor();
    assert.match(
      (await page.locator(".timeline").getAttribute("aria-label")) ?? "",
      /^100 exchanges, 25 failed, 0 documents in answers, from 2026-11-23/,
    );
    await page.screenshot(screenshot("search"));

    await page.locator(".rows .row").nth(2).click();
    const panel = page.getByRole("region", { name: "Exchange" });
    await panel.getByText(ids.at(-2) ?? "", { exact: true }).waitFor();
    assert.match(page.url(), new RegExp(`id=${ids.at(-2)}`));
    assert.match(await panel.innerText(), /"took": 98/);
    await page.screenshot(screenshot("exchange"));
    await page.locator(".rows").focus();
    await page.keyboard.press("ArrowDown");
    await panel.getByText(ids.at(-3) ?? "", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });

    await page.keyboard.press("/");
    await page.keyboard.type("status >= 400");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByText("25 found").waitFor();
    await page.goBack();
    await page.getByText("100 found").waitFor();
    assert.deepEqual(browser.problems, []);
  },
);

test(
  "dragging across the timeline of a single exchange chooses less than a second",
  needsBrowser,
  async () => {
    await using recorded = await openRecorded(1);
    const { explorer, browser, page } = recorded;
    await page.goto(explorer.url);
    await page.getByText("1 found").waitFor();
    const plot = await page.locator(".timeline .u-over").boundingBox();
    assert.ok(plot !== null);
    const y = plot.y + plot.height / 2;
    await page.mouse.move(plot.x + plot.width * 0.3, y);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.7, y, { steps: 4 });
    await page.mouse.up();
    await waitFor("the time is in the address", () => page.url().includes("until="));
    const chosen = new URLSearchParams(new URL(page.url()).hash.slice(1));
    const spanMs = Number(chosen.get("until")) - Number(chosen.get("since"));
    assert.ok(spanMs > 300 && spanMs < 500, `${spanMs} ms`);
    assert.deepEqual(browser.problems, []);
  },
);

test("an address leads straight to what it shows", needsBrowser, async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const [id = ""] = await recordExchanges(trail, 20);
  await trail.close();
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(`${explorer.url}#q=status%3A404&id=${id}`);
  await page.getByText("5 found").waitFor();
  await page.getByRole("region", { name: "Exchange" }).getByText(id, { exact: true }).waitFor();
  await page.goto(`${explorer.url}#view=top&by=status`);
  await page.getByRole("button", { name: "404" }).click();
  await page.getByText("5 found").waitFor();
  await page.goto(`${explorer.url}#view=coverage`);
  await page.getByText("1 segment").waitFor();
  assert.deepEqual(browser.problems, []);
});

test(
  "what is typed is completed, and an error is shown under its place",
  needsBrowser,
  async () => {
    await using recorded = await openRecorded(20);
    const { explorer, page } = recorded;
    await page.goto(explorer.url);
    await page.getByText("20 found").waitFor();
    await page.locator("#filter").pressSequentially("event.act");
    await page.getByRole("option", { name: /event\.action/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.match(await page.locator("#filter").inputValue(), /^event\.action/);
    await page.locator("#filter").fill("user:(a or");
    await page.locator("#filter").press("Escape");
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByRole("alert").locator("mark").innerText(), " ");
  },
);

test("markup in every part of a record is shown and never runs", needsBrowser, async () => {
  await using recorded = await openRecorded(20);
  const { ids, explorer, browser, page } = recorded;
  await page.goto(`${explorer.url}#id=${ids.at(-1)}`);
  const panel = page.getByRole("region", { name: "Exchange" });
  await panel.getByText("<script>globalThis.pwned").first().waitFor();
  for (const summary of await panel.locator("summary").all()) await summary.click();
  assert.ok((await panel.innerText()).includes(hostile.slice(0, 35)));
  await page.goto(`${explorer.url}#view=top&by=agent`);
  await page.getByText("<script>globalThis.pwned").first().waitFor();
  assert.equal(await page.evaluate("globalThis.pwned"), undefined);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(browser.problems, []);
});

test(
  "a name with unseen characters looks like no other one, and can be asked for",
  needsBrowser,
  async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path);
    for (const name of ["books", "books\u3164", "books\u200d"]) {
      const record = someRecord({
        startedMs: 2000,
        target: `/${encodeURIComponent(name)}/_search`,
      });
      trail.request(record, undefined);
      trail.response(ended(record, { endedMs: 2001 }), undefined);
    }
    await trail.close();
    await using explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(explorer.url);
    await page.getByText("3 found").waitFor();
    const shown = [String.raw`books\u3164`, String.raw`books\u200d`];
    for (const name of shown)
      await page.locator(".rows").getByText(name, { exact: true }).first().waitFor();
    await page
      .locator(".facets")
      .getByRole("button", { name: shown[0] ?? "", exact: true })
      .click();
    await page.getByText("1 found").waitFor();
  },
);

test("rows appear by themselves while live is on", needsBrowser, async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  await recordExchanges(trail, 2);
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(explorer.url);
  await page.getByText("2 found").waitFor();
  const live = page.waitForResponse((response) => response.url().includes("/api/live"));
  await page.getByLabel("live").check();
  await live;
  // What is written before the end of the file was looked for is no news: so more than once.
  const writing = setInterval(() => {
    const record = someRecord({ startedMs: 2000, target: "/appears/_search" });
    trail.request(record, undefined);
    trail.response(ended(record, { endedMs: 2001 }), undefined);
  }, 50);
  try {
    await page.getByText("/appears/_search").first().waitFor();
  } finally {
    clearInterval(writing);
  }
  await trail.close();
});

test(
  "the next rows come when the last ones are reached, down to the first",
  needsBrowser,
  async () => {
    await using recorded = await openRecorded(3000);
    const { ids, explorer, page } = recorded;
    await page.goto(explorer.url);
    await page.getByText("3,000 found").waitFor();
    const rows = page.locator(".rows");
    const loaded = async (): Promise<number> => Number(await rows.getAttribute("aria-rowcount"));
    for (let known = 0; known < 3000; known = await loaded())
      await waitFor(
        "more rows",
        async () => {
          await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
          return (await loaded()) > known;
        },
        60_000,
      );
    assert.equal(await loaded(), 3000);
    await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await rows.locator('.row[aria-rowindex="3000"]').click();
    await page
      .getByRole("region", { name: "Exchange" })
      .getByText(ids[0] ?? "-", { exact: true })
      .waitFor();
  },
);

test("of 100,000 rows only those that can be seen are in the document", needsBrowser, async () => {
  await using recorded = await openRecorded(1);
  const { explorer, page } = recorded;
  await page.route("**/api/search*", async (route) => {
    const response = await route.fetch();
    const lines = (await response.text()).trimEnd().split("\n");
    const answer = JSON.parse(lines.at(-1) ?? "") as {
      readonly columns: readonly string[];
      readonly rows: readonly (readonly unknown[])[];
    };
    const [id, url] = [answer.columns.indexOf("id"), answer.columns.indexOf("url")];
    const rows = Array.from({ length: 100_000 }, (_, at) =>
      (answer.rows[0] ?? []).with(id, `made-${at}`).with(url, `/made/${at}`),
    );
    const body = `${JSON.stringify({ ...answer, found: rows.length, rows })}\n`;
    await route.fulfill({ response, body });
  });
  await page.goto(explorer.url);
  const rows = page.locator(".rows");
  await page.locator('.rows[aria-rowcount="100000"]').waitFor();
  for (const [part, first] of [
    [0, "/made/0"],
    [0.5, "/made/50000"],
    [1, "/made/99999"],
  ] as const) {
    await rows.evaluate(
      (element, share) => element.scrollTo(0, element.scrollHeight * share),
      part,
    );
    await rows.getByText(first, { exact: true }).waitFor();
    assert.ok((await rows.locator(".row").count()) < 100);
  }
  await rows.focus();
  await page.keyboard.press("PageDown");
  assert.match(page.url(), /id=made-19/);
});

test("the whole page weighs less than 250 KB compressed", async () => {
  await using directory = await makeTempDir();
  await using explorer = await explore(directory.path);
  let weight = 0;
  for (const path of ["", "page.js", "page.css"]) {
    const response = await fetch(new URL(path, explorer.url));
    weight += gzipSync(Buffer.from(await response.arrayBuffer())).length;
  }
  assert.ok(weight > 1000 && weight < 250_000, String(weight));
});
