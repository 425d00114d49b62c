/** HTML whose values cannot become markup: everything that is put in is escaped. */

import { showUnseen } from "./unseen-text.ts";

/** Markup that was made here. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = string | number | Html | readonly Html[];

/**
 * A template whose values are escaped, in text and in quoted attributes alike; what is `Html`
 * already is put in as it is.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? "";
  for (const [at, value] of values.entries()) text += textOf(value) + (parts[at + 1] ?? "");
  return new Html(text);
}

function textOf(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return escapeHtml(String(value));
}

/**
 * Also in quoted attributes. Control characters other than blanks, which no HTML may hold, become
 * visible (U+FFFD), and what is unseen is shown: no value looks like another one.
 */
function escapeHtml(text: string): string {
  return showUnseen(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("`", "&#96;")
    .replaceAll(unprintable, "\ufffd");
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unprintable = /[\0-\x08\x0b\x0c\x0e-\x1f]/g;
