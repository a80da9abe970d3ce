import { styleText } from "node:util";
import { displayWidth, padEnd } from "./columns.ts";

export { displayWidth, padEnd, printable } from "./columns.ts";

/** Colours that vanish where there are none; nothing is told by colour alone. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly bar: (text: string) => string;
  readonly warning: (text: string) => string;
}

const same = (text: string): string => text;

export function createStyle(colour: boolean): Style {
  if (!colour) return { strong: same, faint: same, bar: same, warning: same };
  const painted =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      text === "" ? "" : styleText(format, text, { validateStream: false });
  return { strong: painted("bold"), faint: painted("dim"), bar: painted("cyan"), warning: painted("yellow") };
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar of `share` (0..1) of `width` cells, to the eighth of a cell; shares of half a per cent and more leave a mark. */
export function bar(share: number, width: number): string {
  const steps = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const shown = steps === 0 && share >= 0.005 ? 1 : steps;
  return `${"█".repeat(Math.floor(shown / 8))}${eighths[shown % 8]!}`;
}

/** A path cut from its beginning to `width` columns: the file's name says more than the folder's. */
export function fitPath(path: string, width: number): string {
  if (displayWidth(path) <= width) return padEnd(path, width);
  const characters = Array.from(new Intl.Segmenter("en").segment(path), ({ segment }) => segment);
  while (characters.length > 0 && displayWidth(characters.join("")) > width - 1) characters.shift();
  return padEnd(`…${characters.join("")}`, width);
}

/** A text cut at its end to `width` columns. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const characters = Array.from(new Intl.Segmenter("en").segment(text), ({ segment }) => segment);
  while (characters.length > 0 && displayWidth(characters.join("")) > width - 1) characters.pop();
  return `${characters.join("")}…`;
}

/** A text as lines of at most `width` columns, broken between words; a word that is longer has a line of its own. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Names and what they mean, side by side; the meaning wraps, and starts on its own line where the name is long. */
export function twoColumns(rows: readonly (readonly [name: string, text: string])[], width: number): string[] {
  const left = Math.min(Math.max(...rows.map(([name]) => name.length)), 34);
  return rows.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrapText(text, width - left - 4);
    const head =
      name.length <= left ? [`  ${name.padEnd(left)}  ${first}`.trimEnd()] : [`  ${name}`, `  ${" ".repeat(left)}  ${first}`.trimEnd()];
    return [...head, ...rest.map((line) => `  ${" ".repeat(left)}  ${line}`)];
  });
}
