import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { ended, openTrail, someRecord, stored } from "../audit/trail-fixture.ts";
import { needsBrowser, openPage } from "../support/browser.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { explore, hostile, recordExchanges } from "./trail.ts";

/** Screenshots go where `ES_PROXY_SCREENSHOTS` says. */
function screenshot(name: string): { readonly path: string } | undefined {
  const folder = process.env["ES_PROXY_SCREENSHOTS"];
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  return { path: join(folder, `${name}.png`) };
}

test(
  "from the first view to one exchange and back, by mouse and keyboard",
  needsBrowser,
  async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path);
    const ids = await recordExchanges(trail, 100);
    await trail.close();
    await using explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(explorer.url);
    await page.getByText("100 found").waitFor();
    assert.match(
      (await page.locator(".timeline").getAttribute("aria-label")) ?? "",
      /^100 exchanges, 25 failed/,
    );
    if (screenshot("search") !== undefined) await page.screenshot(screenshot("search"));

    await page.locator(".rows .row").nth(2).click();
    const panel = page.getByRole("region", { name: "Exchange" });
    await panel.getByText(ids.at(-2) ?? "", { exact: true }).waitFor();
    assert.match(page.url(), new RegExp(`id=${ids.at(-2)}`));
    assert.match(await panel.innerText(), /"took": 98/);
    if (screenshot("exchange") !== undefined) await page.screenshot(screenshot("exchange"));
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
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path);
    await recordExchanges(trail, 20);
    await trail.close();
    await using explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
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
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const ids = await recordExchanges(trail, 20);
  await trail.close();
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
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
  await page.waitForTimeout(500);
  const record = someRecord({ startedMs: 2000, target: "/appears/_search" });
  trail.request(record, undefined);
  await stored((waiter) => trail.response(ended(record, { endedMs: 2001 }), waiter));
  await page.getByText("/appears/_search").waitFor({ timeout: 5000 });
  await trail.close();
});

test("of 100,000 rows only those that can be seen are in the document", needsBrowser, async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const ids = await recordExchanges(trail, 3000);
  await trail.close();
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(explorer.url);
  await page.getByText("3,000 found").waitFor();
  const rows = page.locator(".rows");
  // The next rows are loaded when the last ones are reached, until there are no more.
  for (let round = 0; round < 40; round += 1) {
    await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    if ((await rows.getAttribute("aria-rowcount")) === "3000") break;
    await page.waitForTimeout(100);
  }
  assert.equal(await rows.getAttribute("aria-rowcount"), "3000");
  assert.ok((await rows.locator(".row").count()) < 100);
  await rows.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await rows.locator(".row").last().click();
  await page
    .getByRole("region", { name: "Exchange" })
    .getByText(ids[0] ?? "-", { exact: true })
    .waitFor();
});

test("an empty trail says how to fill it", needsBrowser, async () => {
  await using directory = await makeTempDir();
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  await browser.page.goto(explorer.url);
  await browser.page.getByText("Nothing has been recorded yet").waitFor();
});

for (const [scheme, width] of [
  ["light", 375],
  ["dark", 375],
  ["dark", 1280],
] as const)
  test(`nothing is wider than the window at ${width} pixels, ${scheme}`, needsBrowser, async () => {
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path);
    const ids = await recordExchanges(trail, 50);
    await trail.close();
    await using explorer = await explore(directory.path);
    await using browser = await openPage({ width, height: 700 });
    const { page } = browser;
    await page.emulateMedia({ colorScheme: scheme });
    for (const view of ["", "view=top", "view=coverage", `id=${ids[9]}`]) {
      await page.goto(`${explorer.url}#${view}`);
      await page.waitForTimeout(300);
      const widest = await page.evaluate("document.documentElement.scrollWidth");
      assert.ok(Number(widest) <= width, `${view}: ${String(widest)}`);
      const shot = screenshot(`${scheme}-${width}-${view.replace(/\W.*/, "") || "search"}`);
      if (shot !== undefined) await page.screenshot(shot);
    }
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
