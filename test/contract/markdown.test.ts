/** Links and line lengths of all pages in Markdown. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
const maxColumns = 100;
const foreign = /(?:^|\/)(?:node_modules|dist|artifacts|results|\.runtime|\.git)(?:\/|$)/;

const pages = globSync("**/*.md", { cwd: root, exclude: (path) => foreign.test(path) });

/** The lines of a page that are no code; code within a line is replaced by blanks. */
function prose(text: string): string[] {
  let fence: string | undefined;
  return text.split("\n").map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && fence === undefined) fence = mark;
    else if (mark !== undefined && fence !== undefined && mark.startsWith(fence)) fence = undefined;
    else if (fence === undefined)
      return line.replace(/(`+)(?:(?!\1).)+\1/g, (code) => " ".repeat(code.length));
    return "";
  });
}

/** Targets of the links and pictures of a page. */
function linksOf(text: string): string[] {
  const lines = prose(text).join("\n");
  const inline = /\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/g;
  const defined = /^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gm;
  const tags = /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"\s]+)/g;
  return [inline, defined, tags].flatMap((form) =>
    [...lines.matchAll(form)].flatMap(([, target]) => target ?? []),
  );
}

/** The anchors that GitHub makes of the headings of a page, and those that it names itself. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const codeFree = prose(text);
  for (const [index, line] of text.split("\n").entries()) {
    for (const [, name] of line.matchAll(/<a\s+(?:id|name)="([^"]+)"/g))
      if (name !== undefined) anchors.add(name);
    if (codeFree[index] === "") continue;
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (title === undefined) continue;
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation} -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with the links of a page; links to other hosts are not followed. */
function brokenLinks(page: string, text: string): string[] {
  return linksOf(text).flatMap((link) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return [];
    const [path = "", anchor] = decodeURIComponent(link).split("#");
    const file = path === "" ? join(root, page) : join(root, dirname(page), path);
    if (path.startsWith("/") || relative(root, file).startsWith(".."))
      return [`${page}: ${link} leaves the repository`];
    if (!existsSync(file)) return [`${page}: ${link} does not exist`];
    if (anchor === undefined || anchor === "") return [];
    if (statSync(file).isDirectory() || !file.endsWith(".md"))
      return [`${page}: ${link} names an anchor of what is no page`];
    const target = path === "" ? text : readFileSync(file, "utf8");
    return anchorsOf(target).has(anchor) ? [] : [`${page}: ${link} names no heading`];
  });
}

/** Lines that could be wrapped and are not: tables, code, headings and bare addresses cannot. */
function tooLong(page: string, text: string): string[] {
  const lines = text.split("\n");
  return prose(text).flatMap((line, index) => {
    const written = lines[index] ?? "";
    const isFixed = line === "" || /^\s*(?:\||#|<)/.test(written) || /^\S+$/.test(written.trim());
    return !isFixed && written.length > maxColumns ? [`${page}:${index + 1}`] : [];
  });
}

test("every relative link of a page leads to a file, and to a heading where it names one", () => {
  assert.ok(pages.length > 15, `only ${pages.length} pages found`);
  assert.deepEqual(
    pages.flatMap((page) => brokenLinks(page, readFileSync(join(root, page), "utf8"))),
    [],
  );
});

test("no line of prose has more than 100 columns", () => {
  assert.deepEqual(
    pages.flatMap((page) => tooLong(page, readFileSync(join(root, page), "utf8"))),
    [],
  );
});

test("a broken link is found wherever it stands", () => {
  const text = [
    "# A `b` and C: d",
    "## Twice",
    "## Twice",
    "[ok](#a-b-and-c-d) [ok](#twice-1) [ok](docs/errors.md#tcp) [far](https://example.com/x)",
    "[bad](#twice-2) ![bad](absent.svg) [bad](../outside.md) [bad](src#x) `[no](link)`",
    "```",
    "[no](link)",
    "# No heading",
    "```",
    "[bad](#no-heading)",
    '<img src="absent.png" alt="">',
    "[name]: absent.md",
  ].join("\n");
  const found = brokenLinks("README.md", text).filter((problem) => !problem.includes("#tcp"));
  assert.deepEqual(found, [
    "README.md: #twice-2 names no heading",
    "README.md: absent.svg does not exist",
    "README.md: ../outside.md leaves the repository",
    "README.md: src#x names an anchor of what is no page",
    "README.md: #no-heading names no heading",
    "README.md: absent.md does not exist",
    "README.md: absent.png does not exist",
  ]);
});

test("a line of prose that is too long is found", () => {
  const long = "word ".repeat(21);
  const text = [long, `| ${long} |`, `# ${long}`, "```", long, "```", `- ${long}`].join("\n");
  assert.deepEqual(tooLong("a.md", text), ["a.md:1", "a.md:7"]);
});

test("every file and folder that the maps of the code name is there", () => {
  for (const [page, folder] of [
    ["src/README.md", "src"],
    ["src/audit/README.md", "src/audit"],
  ] as const) {
    const text = readFileSync(join(root, page), "utf8");
    const names = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)*(?:\.(?:ts|md|json)|\/))`/g)];
    const paths = names.flatMap(([, path]) => path ?? []);
    assert.ok(paths.length > 20, `only ${paths.length} paths found in ${page}`);
    const missing = paths.filter((path) =>
      [folder, "src", "."].every((base) => !existsSync(join(root, base, path))),
    );
    assert.deepEqual(missing, [], page);
  }
});
