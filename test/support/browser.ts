/** A real browser for tests of pages: Debian's chromium, driven by playwright-core. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";

import { chromium, type Browser, type Page } from "playwright-core";

const executable = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) =>
    (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
  )
  .find((file) => existsSync(file));

/**
 * Options of a test that needs a browser. Without one it is skipped on a person's machine; with
 * `CI=true` it runs and fails, because `.ci/run` installs one.
 */
export const needsBrowser: { readonly skip: string | false } = {
  skip:
    executable === undefined && process.env["CI"] !== "true"
      ? "there is no chromium on PATH (Debian: apt-get install chromium)"
      : false,
};

/** One for all tests of a file. */
let running: Promise<Browser> | undefined = undefined;

after(async () => (await running)?.close());

/** A page with cookies and storage of its own; `await using` closes it. */
export interface BrowserPage extends AsyncDisposable {
  readonly page: Page;
  /** Uncaught errors, failed requests and messages at level `error`, in order. */
  readonly problems: readonly string[];
}

/** Opens an empty page. @throws {Error} when there is no browser */
export async function openPage(
  size: { readonly width: number; readonly height: number } = { width: 1280, height: 800 },
): Promise<BrowserPage> {
  if (executable === undefined) throw new Error("there is no chromium on PATH");
  const context = await (await (running ??= launch(executable))).newContext({ viewport: size });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => {
    // By the page itself, when nobody waits for the answer any more.
    if (request.failure()?.errorText !== "net::ERR_ABORTED")
      problems.push(`request: ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  return { page, problems, [Symbol.asyncDispose]: () => context.close() };
}

function launch(executablePath: string): Promise<Browser> {
  // Chromium refuses its sandbox to root, and containers seldom allow it to anybody.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
