/** Contrast of text as WCAG 2.2 defines it (1.4.3), of all that a page shows. */
import type { Page } from "playwright-core";

/** Text that is hard to read. */
export interface PoorContrast {
  readonly text: string;
  readonly ratio: number;
}

/** Runs in the page. Colours with an alpha are laid over what is behind them. */
const program = `(() => {
  const parse = (color) => {
    const [r = 0, g = 0, b = 0, a = 1] = (color.match(/[\\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [br, bg, bb]) =>
    [r * a + br * (1 - a), g * a + bg * (1 - a), b * a + bb * (1 - a), 1];
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const poor = [];
  const judge = (element, style, text) => {
    const back = behind(element);
    const front = over(parse(style.color), back);
    const [light, dark] = [luminance(front), luminance(back)].sort((one, other) => other - one);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) poor.push({ text: text.trim().slice(0, 60), ratio });
  };
  let seen = 0;
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility()) continue;
    const own = [...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.data)
      .join("");
    if (own.trim() !== "") {
      seen += 1;
      judge(element, getComputedStyle(element), own);
    }
    if (element instanceof HTMLInputElement && element.placeholder !== "")
      judge(element, getComputedStyle(element, "::placeholder"), element.placeholder);
  }
  return { seen, poor };
})()`;

/** @returns what is too faint, and how many pieces of text were looked at */
export async function contrastOf(
  page: Page,
): Promise<{ readonly seen: number; readonly poor: readonly PoorContrast[] }> {
  return page.evaluate(program);
}
