/** What the page says when there is nothing, and when something fails. */
import assert from "node:assert/strict";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { openTrail } from "../audit/trail-fixture.ts";
import { needsBrowser, openPage } from "../support/browser.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { explore, recordExchanges } from "./trail.ts";

async function recorded(count: number): Promise<TempDir> {
  const directory = await makeTempDir();
  const trail = openTrail(directory.path);
  await recordExchanges(trail, count);
  await trail.close();
  return directory;
}

test("views without anything to show say why, and what would be there", needsBrowser, async () => {
  await using directory = await recorded(3);
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  for (const [address, words] of [
    ["q=status%3A599", "Nothing matches"],
    ["view=top&q=status%3A599", "Nothing matches"],
    ["view=who", "Everybody who was sent a document"],
    ["view=who&index=nothing&doc=1", "Nobody, as far as the trail tells"],
    ["view=reads", "None. A read appears here"],
    ["view=proxy", "This explorer reads a directory by itself"],
    ["view=coverage", "None: the trail says of no record that it is missing"],
  ] as const) {
    await page.goto(`${explorer.url}#${address}`);
    await page.getByText(words).waitFor();
  }
  assert.deepEqual(browser.problems, []);
});

test(
  "an empty directory, and one that is gone, are told apart in every view",
  needsBrowser,
  async () => {
    await using directory = await makeTempDir();
    await using explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
    const views = ["", "view=top", "view=reads", "view=who&index=a&doc=1", "view=coverage"];
    for (const view of views) {
      await page.goto(`${explorer.url}#${view}`);
      await page.getByText("Nothing has been recorded yet").waitFor();
    }
    rmSync(directory.path, { recursive: true });
    for (const view of views) {
      await page.goto("about:blank");
      await page.goto(`${explorer.url}#${view}`);
      await page.getByRole("alert").getByText("there is no such directory").waitFor();
    }
  },
);

test(
  "an exchange that does not exist is said to be none, also its proof",
  needsBrowser,
  async () => {
    await using directory = await recorded(1);
    await using explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(`${explorer.url}#id=00000000-0000-7000-8000-000000000000`);
    const panel = page.getByRole("region", { name: "Exchange" });
    await panel.getByText("no entry 00000000").waitFor();
    await panel.getByRole("button", { name: "Close" }).click();
    await panel.waitFor({ state: "detached" });
  },
);

test(
  "an explorer that has been stopped is told, and asked again by hand",
  needsBrowser,
  async () => {
    await using directory = await recorded(3);
    const explorer = await explore(directory.path);
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(explorer.url);
    await page.getByText("3 found").waitFor();
    await explorer.close();
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("alert").getByText("does not answer: has it been stopped?").waitFor();
    await page.getByRole("button", { name: "Proxy" }).click();
    await page.getByRole("alert").getByText("does not answer: has it been stopped?").waitFor();
  },
);

test(
  "the token is asked for, a wrong one again, and the right one opens",
  needsBrowser,
  async () => {
    await using directory = await recorded(3);
    await using explorer = await explore(directory.path, "0123456789abcdef");
    await using browser = await openPage();
    const { page } = browser;
    await page.goto(explorer.url);
    for (const token of ["wrong", "0123456789abcdef"]) {
      await page.getByLabel("This explorer asks for its token").fill(token);
      await page.getByRole("button", { name: "Open" }).click();
    }
    await page.getByText("3 found").waitFor();
  },
);

test("a record that is broken is told, and the rest is shown", needsBrowser, async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  await recordExchanges(trail, 2);
  await trail.close();
  appendFileSync(directory.file("audit.ndjson"), "{broken}\n");
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  await page.goto(explorer.url);
  await page.getByText("2 found").waitFor();
  await page.getByText("1 part of the trail could not be read").click();
  await page.getByText("audit.ndjson:").waitFor();
});

test("encrypted segments are said to be missing from every answer", needsBrowser, async () => {
  await using directory = await recorded(2);
  writeFileSync(directory.file("audit-20200101T000000.000Z.ndjson.zst.age"), "age-encryption.org");
  await using explorer = await explore(directory.path);
  await using browser = await openPage();
  const { page } = browser;
  for (const view of ["", "view=top", "view=who&index=a&doc=1", "view=reads", "view=coverage"]) {
    await page.goto("about:blank");
    await page.goto(`${explorer.url}#${view}`);
    await page.getByText("1 segment is encrypted for keys that were not given").waitFor();
  }
  await page.goto(`${explorer.url}#range=custom&since=1900000000000`);
  await page.getByText("Nothing matches").waitFor();
  assert.equal(await page.getByText("encrypted").count(), 0);
});
