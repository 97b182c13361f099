/** Light and dark by the reader's choice, readable on a phone, and on paper black on white without cut figures. */
export const htmlStyle = `
:root { color-scheme: light dark; --ink: #1d232c; --muted: #5a6472; --line: #d9dee5; --ground: #ffffff; --panel: #f5f7f9; --accent: #0068a8; --hit: 0, 104, 168; --miss: 208, 80, 0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --muted: #9aa4b2; --line: #333b46; --ground: #14181e; --panel: #1b2129; --accent: #58aee8; --hit: 88, 174, 232; --miss: 255, 141, 82; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 28px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.22; letter-spacing: -0.01em; margin: 0 0 6px; }
h2 { font-size: 1.22rem; line-height: 1.3; margin: 40px 0 12px; padding-bottom: 5px; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; line-height: 1.35; margin: 22px 0 6px; }
p { margin: 8px 0; }
a { color: var(--accent); }
.facts, figcaption, .rule, footer { color: var(--muted); font-size: 0.86rem; }
.verdict { border-left: 4px solid var(--accent); border-radius: 0 6px 6px 0; background: var(--panel); padding: 14px 18px; margin: 18px 0 6px; font-size: 1.08rem; line-height: 1.5; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.88rem; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--muted); }
td, th { overflow-wrap: normal; }
td.n, th.n { text-align: right; white-space: nowrap; }
td.name, td:last-child, th bdi { overflow-wrap: anywhere; }
td.name { min-width: 9rem; max-width: 26rem; }
th.n { white-space: normal; }
tbody tr:last-child > * { border-bottom-color: transparent; }
.settings { columns: 2; column-gap: 32px; }
.settings .scroll { break-inside: auto; }
.settings table { width: 100%; }
.settings td:last-child { text-align: right; }
table.matrix td, table.matrix th { padding: 3px 6px; text-align: center; min-width: 2.1rem; border: 1px solid var(--line); }
table.matrix th[scope=row] { text-align: right; max-width: 12rem; }
table.matrix tbody tr:last-child > * { border-bottom-color: var(--line); }
table.matrix th[scope=col] span { display: block; }
table.tall th[scope=col] { height: 9.5rem; vertical-align: bottom; }
table.tall th[scope=col] span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; margin: 0 auto; text-align: left; overflow-wrap: normal; white-space: nowrap; }
figure { margin: 0; }
figure > div > svg { max-width: 100%; height: auto; display: block; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 22px 24px; margin: 14px 0; }
.plots figure > div > svg { width: 100%; }
.on-dark { display: none; }
@media screen and (prefers-color-scheme: dark) { .on-dark { display: block; } .on-light { display: none; } }
.worst { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 16px 14px; padding: 0; list-style: none; }
.worst li { line-height: 1.4; font-size: 0.8rem; color: var(--muted); }
.worst img { width: 96px; height: 96px; object-fit: contain; image-rendering: pixelated; background: #000; display: block; margin-bottom: 6px; border: 1px solid var(--line); border-radius: 4px; }
.worst b { color: var(--ink); }
pre, code { font: 0.84rem/1.5 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); padding: 10px 12px; white-space: pre-wrap; border: 1px solid var(--line); border-radius: 6px; }
footer { margin-top: 44px; padding-top: 8px; border-top: 1px solid var(--line); }
math { font-size: 1.05rem; }
.formula { display: block; margin: 6px 0; overflow-x: auto; overflow-y: hidden; }
blockquote { margin: 8px 0; padding-left: 14px; border-left: 3px solid var(--line); color: var(--muted); }
@media (max-width: 600px) { main { padding: 16px 14px 40px; } h1 { font-size: 1.4rem; } .settings { columns: 1; } .plots { gap: 18px; } td.name { min-width: 7rem; } }
@media print {
  :root { --ink: #000; --muted: #444; --line: #ccc; --ground: #fff; --panel: #f5f5f5; --accent: #005a92; --hit: 0, 104, 168; --miss: 208, 80, 0; }
  @page { size: A4; margin: 16mm 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure, .worst li, tr, pre, .verdict, table.matrix { break-inside: avoid; }
  h1 { font-size: 17pt; }
  h2 { font-size: 12.5pt; margin: 20pt 0 6pt; }
  h3 { font-size: 10.5pt; margin: 11pt 0 4pt; }
  .verdict { font-size: 11pt; padding: 8pt 11pt; }
  .plots { grid-template-columns: 1fr 1fr; gap: 12pt 14pt; margin: 6pt 0; }
  .worst { grid-template-columns: repeat(6, 1fr); gap: 10pt 8pt; }
  .worst li { font-size: 7.5pt; }
  .worst img { width: 22mm; height: 22mm; }
  .formula { overflow: visible; }
  td.name { min-width: 24mm; max-width: none; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; max-width: 100%; }
  .wide { font-size: 7pt; }
  th, td { padding: 2px 5px; }
  thead { display: table-header-group; }
  section > h2 + *, h3 + * { break-before: avoid; }
  a { color: inherit; text-decoration: none; }
}
`;
