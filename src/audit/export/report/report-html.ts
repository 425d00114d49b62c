/** A report as one HTML page that needs no other file, for screens in light and dark, and paper. */
import { html, type Html } from "../../../core/html.ts";
import { reportStyle } from "./report-style.ts";
import type { Report, ReportGroup, ReportSection } from "./report.ts";

/** Values of records stand in the page: nothing in it may run or load. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'";
/** Ids under the rows. */
const shownIds = 200;

/** The whole page. */
export function reportHtml(report: Report): string {
  const { title, about, facts, sections, limits } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy}" />
        <title>${title}</title>
        <style>
          ${reportStyle}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${about.map((text) => html`<p>${text}</p>`)}
          <dl>
            ${facts.map(
              ([label, value]) =>
                html`<div>
                  <dt>${label}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>
        </header>
        <main>
          ${overview(sections)} ${sections.map(sectionHtml)}
          <section id="limits">
            <h2>What this page cannot show</h2>
            <ul>
              ${limits.map((text) => html`<li>${text}</li>`)}
            </ul>
          </section>
        </main>
      </body>
    </html> `;
  return page.text;
}

function overview(sections: readonly ReportSection[]): Html {
  const rows = sections.map(
    (section) =>
      html`<tr>
        <td><a href="#s-${section.key}">${section.key}</a></td>
        <td>${section.title}</td>
        <td class="n">${counted(section.count)}</td>
        <td class="n">${section.failed === 0 ? "" : counted(section.failed)}</td>
        <td>${timeHtml(section.lastMs)}</td>
      </tr>`,
  );
  return html`<div class="wide">
    <table class="overview">
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">What is asked</th>
          <th scope="col" class="n">Records</th>
          <th scope="col" class="n">Failed</th>
          <th scope="col">Last (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function sectionHtml(section: ReportSection): Html {
  const { key, title, words, command, count, failed, notes } = section;
  return html`<section id="s-${key}">
    <h2><span class="key">${key}</span> ${title}</h2>
    <p>${words}</p>
    <p class="figures">
      <strong>${counted(count)}</strong> ${count === 1 ? "record" : "records"}${
        failed === 0 ? "" : html`, <strong>${counted(failed)}</strong> of them failed`
      }${period(section)}
    </p>
    ${count === 0 ? nothing : found(section)}
    <p class="label">The query; it lists all of them:</p>
    <pre tabindex="0"><code>${command}</code></pre>
    ${notes.map((text) => html`<p class="note">${text}</p>`)}
  </section> `;
}

const nothing = html`<p class="none">Nothing of the kind is recorded in this time.</p>`;

function found(section: ReportSection): Html {
  const { groups, columns, rows, ids, count } = section;
  const more = count > shownIds ? ` The first ${counted(Math.min(ids.length, shownIds))}:` : "";
  return html`<div class="groups">
      ${groups.map(({ title, values }) => groupHtml(title, values))}
    </div>
    <p class="label">
      ${count > rows.length ? `The youngest ${rows.length} of ${counted(count)}:` : "All of them:"}
    </p>
    <div class="wide">
      <table class="rows">
        <thead>
          <tr>
            ${columns.map((name) => html`<th scope="col">${name}</th>`)}
            <th scope="col">id</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ id, cells }) =>
              html`<tr>
                ${cells.map((text) => html`<td>${text}</td>`)}
                <td class="id">${id}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <details>
      <summary>Ids of the records (${counted(count)})</summary>
      <p>${more}</p>
      <p class="ids">${ids.slice(0, shownIds).map((id) => html`<code>${id}</code> `)}</p>
    </details>`;
}

function groupHtml(title: string, values: readonly ReportGroup[]): Html {
  const hasDocuments = values.some(({ documents }) => documents > 0);
  const most = Math.max(1, ...values.map(({ count }) => count));
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${title}</th>
        <th scope="col" class="n">records</th>
        ${hasDocuments ? html`<th scope="col" class="n">documents</th>` : ""}
      </tr>
    </thead>
    <tbody>
      ${values.map(
        ({ value, count, documents }) =>
          html`<tr>
            <td>
              ${value}<meter min="0" max="${most}" value="${count}" aria-hidden="true"></meter>
            </td>
            <td class="n">${counted(count)}</td>
            ${hasDocuments ? html`<td class="n">${counted(documents)}</td>` : ""}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function period({ firstMs, lastMs }: ReportSection): Html {
  if (firstMs === undefined || lastMs === undefined) return html``;
  return html`, from ${timeHtml(firstMs)} to ${timeHtml(lastMs)} UTC`;
}

function timeHtml(ms: number | undefined): Html {
  if (ms === undefined) return html`–`;
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

/** `12,345`. */
function counted(count: number): string {
  return count.toLocaleString("en-US");
}
