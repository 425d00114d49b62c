/** How a report looks. */
import { Html } from "../../../core/html.ts";

/** Contrasts are at least 4.5:1 in both schemes (WCAG AA). */
export const reportStyle = new Html(`
:root{color-scheme:light dark;--text:#1b1f24;--dim:#57606a;--page:#fff;--line:#d0d7de;
--soft:#f3f5f7;--accent:#0b57a4;--bar:#9cc3ea}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--dim:#9aa5b1;--page:#0e1116;
--line:#30363d;--soft:#171c23;--accent:#7cb7f5;--bar:#2f5d8c}}
*{box-sizing:border-box}
body{overflow-wrap:anywhere;margin:0 auto;max-width:75rem;padding:2rem 1.25rem 4rem;
background:var(--page);
color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.15rem;line-height:1.35;margin:0 0 .5rem}
p{margin:.5rem 0;max-width:52rem}
a{color:var(--accent)}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:1rem 0;padding:1rem;background:var(--soft);
border-radius:8px}
dt{color:var(--dim);font-size:.8rem}
dd{margin:0;overflow-wrap:anywhere}
section{margin:2.5rem 0 0;padding:1.5rem 0 0;border-top:1px solid var(--line)}
.key{color:var(--accent);margin-right:.35rem}
.figures strong{font-size:1.25rem}
.none,.note,.label{color:var(--dim)}
.label{margin:1rem 0 .25rem;font-size:.85rem}
.note{font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.88rem}
th{color:var(--dim);font-weight:600;text-align:left;white-space:nowrap}
th.n{overflow-wrap:normal}
th,td{padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:anywhere}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.overview,.rows{width:100%}
.overview td:nth-child(2){min-width:16rem}.overview td:first-child{min-width:6.2rem}
.rows td{min-width:4rem;max-width:22rem}
.rows td:first-child,.rows td:nth-child(3),.id{white-space:nowrap}
th.n{overflow-wrap:normal}
.rows td:nth-child(4){min-width:10rem}
.rows td,.id,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
font-size:.78rem}
.groups{display:flex;flex-wrap:wrap;align-items:flex-start;gap:1rem 2.5rem;margin:1rem 0}
.groups table{max-width:100%}.groups th{white-space:normal}
.groups td:first-child{min-width:8rem;max-width:20rem}
meter{display:block;width:100%;height:5px;border:0;background:none;margin-top:2px}
meter::-webkit-meter-bar{background:none;border:0;height:5px}
meter::-webkit-meter-optimum-value{background:var(--bar)}
meter::-moz-meter-bar{background:var(--bar)}
pre{margin:0;padding:.75rem 1rem;background:var(--soft);border:1px solid var(--line);
border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}
pre code{user-select:all}
summary{cursor:pointer;color:var(--accent);margin:.75rem 0 .25rem;width:fit-content}
.ids code{display:inline-block;margin-right:.75rem}
@media (max-width:40rem){body{padding:1rem .75rem 3rem}h1{font-size:1.3rem}
.overview td:nth-child(2){min-width:8rem}.overview th{white-space:normal}
.overview :is(th,td):nth-child(n+4){display:none}.overview :is(th,td){padding-right:.5rem}}
@media print{:root{--text:#000;--dim:#444;--page:#fff;--line:#bbb;--soft:#fff;--accent:#000;
--bar:#888}
body{padding:0;max-width:none;font-size:10pt}a{text-decoration:none}
section{break-inside:auto;margin-top:1.5rem;padding-top:1rem}h2,.label,summary{break-after:avoid}
tr{break-inside:avoid}.wide{overflow:visible}.rows td,.id,code{font-size:6.5pt}
.rows td{max-width:none;min-width:0}.rows td:first-child,.rows td:nth-child(3),.id{
white-space:normal;overflow-wrap:anywhere}.rows td:nth-child(4){min-width:0}
details:not([open]){display:none}dl{padding:.5rem 0}}
`);
