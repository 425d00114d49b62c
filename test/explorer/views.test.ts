/** Every view of the page, served by a proxy that records. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Page } from "playwright-core";

import { needsBrowser, openPage } from "../support/browser.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { openTrail } from "../audit/trail-fixture.ts";
import { ask } from "./ask.ts";
import { contrastOf } from "./contrast.ts";
import { startRecordedService, type RecordedService } from "./recorded-service.ts";
import { screenshot } from "./screenshots.ts";
import { explore, hostile, recordExchanges } from "./trail.ts";

let service: RecordedService;

before(async () => {
  if (needsBrowser.skip === false) service = await startRecordedService();
});

after(() => (service as RecordedService | undefined)?.[Symbol.asyncDispose]());

/** Ids of exchanges by what was done. */
async function idOf(filter: string): Promise<string> {
  const { body } = await ask(service.explorer, `/api/search?q=${encodeURIComponent(filter)}`);
  const { columns, rows } = JSON.parse(body.trimEnd().split("\n").at(-1) ?? "") as {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
  };
  return String(rows[0]?.[columns.indexOf("id")]);
}

async function isQuiet(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
}

test(
  "an id in a body leads to everybody who saw the document, and back",
  needsBrowser,
  async () => {
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(`${service.explorer}#id=${await idOf("user: bob")}`);
    const panel = page.getByRole("region", { name: "Exchange" });
    const answer = panel.locator(".half").nth(1);
    await answer.getByRole("button", { name: '"4711"' }).click();
    const table = page.getByRole("region", { name: "Who saw the document" });
    await table.getByText("4 exchanges").waitFor();
    assert.match(page.url(), /view=who&index=patients-2026&doc=4711/);
    assert.match(await table.innerText(), /bob[^\n]*read[^\n]*name, diagnosis\.code/);
    assert.match(await table.innerText(), /loader[^\n]*wrote/);
    await page.screenshot(screenshot("who"));
    await table.getByRole("row").nth(1).getByRole("button").click();
    await panel
      .getByRole("button")
      .filter({ hasText: /^(carol|bob|alice)$/ })
      .waitFor();
    await page.goBack();
    await page.goBack();
    await panel.getByRole("heading", { name: "/patients-2026/_search" }).waitFor();
    assert.deepEqual(browser.problems, []);
  },
);

test("watched fields are marked in the answer, and named", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(`${service.explorer}#id=${await idOf("user: alice")}`);
  const panel = page.getByRole("region", { name: "Exchange" });
  const answer = panel.locator(".half").nth(1);
  await answer.locator("mark.watched").first().waitFor();
  assert.deepEqual(await answer.locator("mark.watched").allInnerTexts(), ['"patient 11"', '"I10"']);
  assert.equal(await panel.locator("dd mark.watched").innerText(), "name, diagnosis.code");
  assert.equal(await panel.locator(".half").first().locator("mark").count(), 0);
});

test(
  "the proof of an exchange is told in words, before and after it is signed",
  needsBrowser,
  async () => {
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(`${service.explorer}#id=${await idOf("user: alice")}`);
    const proof = page.getByRole("region", { name: "Proof" });
    await proof.getByText("As it was signed").waitFor();
    assert.match(await proof.innerText(), /Both records, numbers \d+ and \d+ of the log audit/);
    assert.match(await proof.innerText(), /Only the log itself has signed it/);
    await using directory = await makeTempDir();
    const trail = openTrail(directory.path);
    const [id = ""] = await recordExchanges(trail, 1);
    await trail.close();
    await using explorer = await explore(directory.path);
    await page.goto(`${explorer.url}#id=${id}`);
    await proof.getByText("Not proven").waitFor();
    assert.match(await proof.innerText(), /cannot be proven: no log is kept of this journal/);
  },
);

test(
  "the calls of a scroll are one read, which leads to its first call",
  needsBrowser,
  async () => {
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(`${service.explorer}#view=reads`);
    const table = page.getByRole("region", { name: "Reads" });
    await table.getByText("scroll").waitFor();
    assert.match(await table.innerText(), /carol\s+scroll\s+patients-2026\s+4\s+40\s+40/);
    assert.equal(await page.locator("#filter").count(), 0);
    await table.getByRole("button").first().click();
    await page.getByRole("button", { name: "carol" }).waitFor();
    await page.getByRole("button", { name: "of a scroll" }).click();
    const rows = page.getByRole("grid");
    await page.waitForURL(/q=read/);
    await page.locator(".bar strong", { hasText: /^[45]$/ }).waitFor();
    assert.match(await page.locator("aside.facets").innerText(), /read\s+…[0-9a-f]{8}/);
    assert.equal(await rows.count(), 1);
    assert.deepEqual(browser.problems, []);
  },
);

test("the proxy says how its pools, endpoints and its audit do", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(`${service.explorer}#view=proxy`);
  const pool = page.getByRole("region", { name: "Pool es" });
  await pool.getByText("healthy").waitFor();
  assert.match(await pool.innerText(), /http:\/\/127\.0\.0\.1:\d+\s+healthy/);
  await page.getByText(/records followed, none behind/).waitFor();
  const text = await page.locator("main").innerText();
  assert.match(text, /newest checkpoint .* ago/);
  assert.match(text, /gaps\s+none/);
  const asked = page.waitForResponse((response) => response.url().endsWith("/api/status"));
  await asked;
  assert.deepEqual(browser.problems, []);
});

test("who goes past the proxy is named beside what is on record", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(`${service.explorer}#view=coverage`);
  const share = page.getByRole("region", { name: "What is on record" });
  await share.getByText("requests recorded").first().waitFor();
  // A look may come between two requests: so more than one.
  const sending = setInterval(() => void service.sendPast(hostile), 200);
  try {
    const clients = share.getByRole("region", { name: "Clients past the proxy" });
    await clients.getByText("<script>").waitFor();
  } finally {
    clearInterval(sending);
  }
  assert.match(await share.innerText(), /\d past the proxy/);
  assert.equal(await page.evaluate("globalThis.pwned"), undefined);
  assert.deepEqual(browser.problems, []);
});

test("keys lead to each view, and say themselves what they do", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(service.explorer);
  await page.locator(".rows").waitFor();
  for (const [key, title] of [
    ["2", "Top"],
    ["3", "Reads"],
    ["4", "Who"],
    ["5", "Coverage"],
    ["6", "Proxy"],
    ["1", "Exchanges"],
  ] as const) {
    await page.keyboard.press(key);
    await page.locator("nav [aria-current=page]", { hasText: title }).waitFor();
  }
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.getByText("to the filter").waitFor();
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.keyboard.type("2");
  assert.equal(await page.locator("#filter").inputValue(), "2");
  assert.deepEqual(browser.problems, []);
});

test("markup in ids, names and users never runs in any view", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  const document = `index=patients-2026&doc=${encodeURIComponent(hostile)}`;
  await page.goto(`${service.explorer}#view=who&${document}`);
  const table = page.getByRole("region", { name: "Who saw the document" });
  await table.getByText("<script>").first().waitFor();
  await table.getByRole("row", { name: "get" }).getByRole("button").click();
  const panel = page.getByRole("region", { name: "Exchange" });
  await panel.locator("mark.watched", { hasText: "<script>" }).waitFor();
  await panel.getByRole("button", { name: "<script>" }).first().waitFor();
  for (const view of [
    "reads",
    "proxy",
    "coverage",
    `who&index=${encodeURIComponent(hostile)}&doc=1`,
  ]) {
    await page.goto(`${service.explorer}#view=${view}`);
    await isQuiet(page);
  }
  assert.equal(await page.evaluate("globalThis.pwned"), undefined);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(browser.problems, []);
});

const views = ["", "view=top", "view=reads", "view=who", "view=coverage", "view=proxy"];

for (const scheme of ["light", "dark"] as const)
  for (const width of [375, 1280])
    test(`text is readable and fits at ${width} pixels, ${scheme}`, needsBrowser, async () => {
      const id = await idOf("user: alice");
      await using browser = await openPage({ width, height: 760 });
      const { page } = browser;
      await page.emulateMedia({ colorScheme: scheme });
      const all = [...views, `id=${id}`, "view=who&index=patients-2026&doc=4711", "q=user%3A(a"];
      for (const view of all) {
        await page.goto("about:blank");
        await page.goto(`${service.explorer}#${view}`);
        // Live views never stop asking: what there is to see comes with the first answers.
        await page.locator("main *:visible").first().waitFor();
        if (view === "view=proxy") await page.getByText("healthy").first().waitFor();
        else await isQuiet(page);
        const { seen, poor } = await contrastOf(page);
        assert.ok(seen > 8, `${view}: ${seen} texts`);
        assert.deepEqual(poor, [], view);
        const widest = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(Number(widest) <= width, `${view}: ${String(widest)}`);
        const name = `${scheme}-${width}-${view.replaceAll(/\W+/g, "-") || "search"}`;
        await page.screenshot(screenshot(name));
      }
    });

test("text that is too faint is found", needsBrowser, async () => {
  await using browser = await openPage();
  const { page } = browser;
  await page.setContent(
    `<p style="color:#999">faint</p><p style="color:#767676">enough</p>
     <div style="background:#000"><p style="color:rgb(255 255 255 / 30%)">veiled</p></div>`,
  );
  const { poor } = await contrastOf(page);
  assert.deepEqual(
    poor.map(({ text }) => text),
    ["faint", "veiled"],
  );
});
