import { clientFunctions, startReview } from "./client.ts";

const style = `
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5d6770; --paper: #f7f8f9; --card: #fff; --line: #d4d9de; --mark: #0b62d0;
  --keep: #1c7a3d; --drop: #b3261e; --change: #8a5200; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebee; --soft: #a2abb3; --paper: #14181b; --card: #1f2529; --line: #39424a; --mark: #6fb0ff;
    --keep: #6fd08f; --drop: #ff8a80; --change: #ffc46b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.4 system-ui, sans-serif; }
header { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); padding: 10px 16px 8px; }
.head { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; }
h1 { font-size: 17px; margin: 0; }
#summary, #range { color: var(--soft); font-size: 14px; }
#range { margin: 8px 0 0; font-variant-numeric: tabular-nums; }
#message { margin-left: auto; font-size: 14px; color: var(--soft); }
#message.error { color: var(--drop); font-weight: 600; }
#tabs { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 6px; margin-top: 8px; }
.tab { display: grid; grid-template-columns: auto 1fr; gap: 1px 7px; text-align: left; background: var(--card); color: inherit; font: inherit;
  border: 1px solid var(--line); border-radius: 6px; padding: 5px 8px 6px; cursor: pointer; }
.tab.current { border-color: var(--mark); box-shadow: inset 0 0 0 1px var(--mark); }
.tab .name { font-weight: 600; }
.tab .counts, .tab .progress { grid-column: 1 / -1; font-size: 12px; color: var(--soft); font-variant-numeric: tabular-nums; }
.tab .bar { grid-column: 1 / -1; height: 4px; background: var(--line); border-radius: 2px; overflow: hidden; margin-top: 2px; }
.tab .done { display: block; height: 100%; background: var(--mark); }
kbd { font: 12px/1.3 ui-monospace, monospace; border: 1px solid var(--line); border-radius: 3px; padding: 0 4px; background: var(--paper);
  align-self: center; }
main { padding: 12px 16px 56px; }
#grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 8px; }
.cell { position: relative; margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px; overflow: hidden; cursor: pointer;
  scroll-margin: 190px 0 60px; }
.cell img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; background: var(--line); }
.cell.cursor { outline: 3px solid var(--mark); outline-offset: 1px; }
.caption { display: flex; flex-wrap: wrap; gap: 0 6px; justify-content: space-between; padding: 3px 6px; font-size: 12px; color: var(--soft); }
.caption .suggested { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; color: var(--ink); }
.caption .flags { flex-basis: 100%; overflow-wrap: anywhere; color: var(--change); }
.caption .score { font-variant-numeric: tabular-nums; }
.mark { position: absolute; top: 5px; left: 5px; padding: 1px 6px; border-radius: 4px; font-size: 12px; font-weight: 600;
  background: var(--card); border: 1px solid currentColor; }
.cell.keep .mark { color: var(--keep); } .cell.drop .mark { color: var(--drop); } .cell.relabelled .mark { color: var(--change); }
.cell.keep img { opacity: .55; } .cell.drop img { opacity: .25; filter: grayscale(1); }
.empty { grid-column: 1 / -1; color: var(--soft); padding: 24px 0; text-align: center; }
footer { position: fixed; inset: auto 0 0; background: var(--card); border-top: 1px solid var(--line); padding: 7px 16px; font-size: 13px;
  color: var(--soft); display: flex; flex-wrap: wrap; gap: 3px 14px; }
#help { position: fixed; inset: 0; z-index: 3; display: grid; place-items: center; background: #0009; }
#help[hidden] { display: none; }
#help div { background: var(--card); border-radius: 8px; padding: 20px 26px; max-width: 560px; margin: 16px; }
#help dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 14px; margin: 12px 0 0; }
#help dd { margin: 0; }
`;

const help: readonly (readonly [keys: readonly string[], text: string])[] = [
  [["←", "→", "↑", "↓"], "move between faces"],
  [["K", "Space"], "keep: the label is right"],
  [["1", "…", "9"], "relabel: give it the class with that number"],
  [["D", "Delete"], "drop: no usable face"],
  [["U", "Ctrl+Z"], "take the last decision back"],
  [["Enter"], "keep all that are left on this page and go on"],
  [["PageUp", "PageDown"], "turn the page"],
  [["[", "]"], "previous or next class"],
  [["?"], "show or hide this list"],
];

function keys(names: readonly string[]): string {
  return names.map((name) => `<kbd>${name}</kbd>`).join(" ");
}

/** The page of a review: one HTML file without anything from elsewhere. */
export function renderReviewPage(): string {
  const list = help.map(([names, text]) => `<dt>${keys(names)}</dt><dd>${text}</dd>`).join("");
  const script = `${clientFunctions.map(String).join("\n")}\n${startReview.name}();`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Label review</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
  <div class="head"><h1>Label review</h1><span id="summary"></span><span id="message" role="status"></span></div>
  <div id="tabs"></div>
  <p id="range"></p>
</header>
<main><div id="grid" role="grid" aria-label="Faces of one class, the most doubtful first"></div></main>
<footer><span>${keys(["K"])} keep</span><span>${keys(["1", "…", "9"])} relabel</span><span>${keys(["D"])} drop</span>
<span>${keys(["U"])} undo</span><span>${keys(["Enter"])} keep the rest, next page</span><span>${keys(["[", "]"])} class</span><span>${keys(["?"])} all keys</span></footer>
<div id="help" hidden><div><h1>Keys</h1><dl>${list}</dl>
<p>Several reviewers: each takes a file of their own with <code>--decisions</code>; <code>tensorface dataset merge-decisions</code> joins the files and lists where they disagree.</p></div></div>
<script type="module">
${script}
</script>
</body>
</html>
`;
}
