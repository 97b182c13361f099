/** Light and dark by the reader's choice, readable on a phone, and on paper black on white without cut figures. */
export const htmlStyle = `
:root { color-scheme: light dark; --ink: #1d232c; --muted: #5a6472; --line: #d9dee5; --ground: #ffffff; --panel: #f5f7f9; --accent: #0068a8; --hit: 0, 104, 168; --miss: 208, 80, 0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --muted: #9aa4b2; --line: #333b46; --ground: #14181e; --panel: #1b2129; --accent: #58aee8; --hit: 88, 174, 232; --miss: 255, 141, 82; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 28px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 1.2rem; margin: 36px 0 10px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 20px 0 6px; }
p { margin: 8px 0; }
a { color: var(--accent); }
.facts, figcaption, .rule, footer { color: var(--muted); font-size: 0.86rem; }
.verdict { border-left: 4px solid var(--accent); background: var(--panel); padding: 12px 16px; margin: 18px 0 4px; font-size: 1.05rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.88rem; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--muted); }
td.n, th.n { text-align: right; white-space: nowrap; }
td.name { min-width: 9rem; max-width: 26rem; }
table.matrix td, table.matrix th { padding: 3px 6px; text-align: center; min-width: 2.1rem; border: 1px solid var(--line); }
table.matrix th[scope=row] { text-align: right; }
figure { margin: 16px 0 22px; }
figure svg { max-width: 100%; height: auto; display: block; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 4px 20px; }
.on-dark { display: none; }
@media screen and (prefers-color-scheme: dark) { .on-dark { display: block; } .on-light { display: none; } }
.worst { display: flex; flex-wrap: wrap; gap: 14px; padding: 0; list-style: none; }
.worst li { width: 128px; font-size: 0.8rem; color: var(--muted); }
.worst img { width: 96px; height: 96px; object-fit: contain; image-rendering: pixelated; background: #000; display: block; margin-bottom: 4px; border: 1px solid var(--line); }
pre, code { font: 0.84rem/1.5 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); padding: 10px 12px; white-space: pre-wrap; border: 1px solid var(--line); }
math { font-size: 1.05rem; }
.formula { margin: 6px 0; overflow-x: auto; }
blockquote { margin: 8px 0; padding-left: 14px; border-left: 3px solid var(--line); color: var(--muted); }
@media (max-width: 600px) { main { padding: 16px 12px 40px; } h1 { font-size: 1.35rem; } }
@media print {
  :root { --ink: #000; --muted: #444; --line: #ccc; --ground: #fff; --panel: #f5f5f5; --accent: #005a92; --hit: 0, 104, 168; --miss: 208, 80, 0; }
  @page { size: A4; margin: 16mm 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure, .worst li, tr, pre, .verdict, table.matrix { break-inside: avoid; }
  .plots { display: block; }
  figure { margin: 8px 0 12px; }
  figure svg { max-height: 66mm; }
  .worst { gap: 8px; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; max-width: 100%; }
  .wide { font-size: 7pt; }
  th, td { padding: 2px 5px; }
  a { color: inherit; text-decoration: none; }
}
`;
