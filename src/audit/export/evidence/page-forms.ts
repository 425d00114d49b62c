/** A page of plain words and commands, as text and as HTML. */

/** A piece of a page. */
export type PageBlock =
  | { readonly kind: "heading" | "text"; readonly text: string }
  /** For a shell, one line each. */
  | { readonly kind: "commands"; readonly lines: readonly string[] }
  | { readonly kind: "list"; readonly items: readonly string[] };

/** What a reader of the archive begins with. */
export interface Page {
  readonly title: string;
  readonly blocks: readonly PageBlock[];
}

const columns = 78;
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'";

/** Lines of at most 78 columns; commands stay as they are. */
export function pageText({ title, blocks }: Page): string {
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case "heading":
        return `${block.text}\n${"-".repeat(block.text.length)}`;
      case "text":
        return wrapped(block.text, "");
      case "commands":
        return block.lines.map((line) => `    ${line}`).join("\n");
      case "list":
        return block.items.map((item) => `* ${wrapped(item, "  ")}`).join("\n");
    }
  });
  return `${title}\n${"=".repeat(title.length)}\n\n${parts.join("\n\n")}\n`;
}

/** One file that needs no other. */
export function pageHtml({ title, blocks }: Page): string {
  const parts = blocks.map((block) => {
    switch (block.kind) {
      case "heading":
        return `<h2>${escaped(block.text)}</h2>`;
      case "text":
        return `<p>${escaped(block.text)}</p>`;
      case "commands":
        return `<pre>${escaped(block.lines.join("\n"))}</pre>`;
      case "list":
        return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
    }
  });
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    // Values of records stand in this page: nothing in it may run or load.
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">`,
    `<title>${escaped(title)}</title>`,
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto}",
    "pre{background:#f3f3f3;padding:.8rem;overflow:auto}li{overflow-wrap:anywhere}</style></head>",
    `<body><h1>${escaped(title)}</h1>`,
    ...parts,
    "</body></html>",
    "",
  ].join("\n");
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns - indent.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
