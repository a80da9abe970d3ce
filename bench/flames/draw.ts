import { chartColours, escapeHtml, textWidth } from "../../src/report/index.ts";
import type { Frame, Owner } from "./tree.ts";

const columns = 5;
const columnWidth = 190;
const height = 720;
const top = 44;
const fontSize = 11;
/** Lower bars cannot be seen, and need this much for their name, in pixels. */
const leastHeight = 1;
const labelHeight = 12;
const padding = 4;
/** A function that passes so much of its time on to one other says nothing by itself. */
const passedOn = 0.9;

const fills: Readonly<Record<Owner, { readonly colour: string; readonly opacity: number }>> = {
  engine: { colour: chartColours.accent, opacity: 0.45 },
  own: { colour: chartColours.second, opacity: 0.5 },
  other: { colour: chartColours.soft, opacity: 0.25 },
};

/** A flame graph on its side, so that names have room: each bar is a function, as high as its time, on the right of the one that called it. */
export function drawFlames(title: string, root: Frame): string {
  const bars: string[] = [];
  const draw = (frame: Frame, column: number, y: number): void => {
    const size = (frame.milliseconds / root.milliseconds) * height;
    if (size < leastHeight || column === columns) return;
    bars.push(bar(frame, { column, size, y, share: frame.milliseconds / root.milliseconds }));
    let at = y;
    for (const child of frame.children) {
      const shown = withoutDetours(child);
      draw(shown, column + 1, at);
      at += (child.milliseconds / root.milliseconds) * height;
    }
  };
  draw(root, 0, top);
  const [width, whole] = [columns * columnWidth, top + height + padding];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${whole}" fill="${chartColours.paper}"/>`,
    `<text x="${padding}" y="16" font-size="13" font-weight="600" fill="${chartColours.ink}">${escapeHtml(title)}</text>`,
    legend(),
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}

/** A chain of functions that pass their time on, as its first and its last. */
function withoutDetours(frame: Frame): Frame {
  let last = frame;
  for (;;) {
    const [only] = last.children;
    if (only === undefined || only.milliseconds < passedOn * last.milliseconds) break;
    last = only;
  }
  if (last === frame) return frame;
  const names = [frame.name, last.name].map((name) => name.split(" · ", 1)[0]!);
  return { ...last, name: names[0] === names[1] ? last.name : names.join(" … "), milliseconds: frame.milliseconds };
}

interface Place {
  readonly column: number;
  readonly size: number;
  readonly y: number;
  readonly share: number;
}

function bar({ name, owner }: Frame, { column, size, y, share }: Place): string {
  const { colour, opacity } = fills[owner];
  const left = column * columnWidth;
  const full = `${name} ${(100 * share).toFixed(1)} %`;
  const shape = `<rect x="${left}" y="${y.toFixed(1)}" width="${columnWidth - 1}" height="${Math.max(0.5, size - 0.5).toFixed(1)}" fill="${colour}" fill-opacity="${opacity}"/>`;
  const text =
    size < labelHeight
      ? ""
      : `<text x="${left + padding}" y="${(y + Math.min(size / 2 + 4, 14)).toFixed(1)}" font-size="${fontSize}" fill="${chartColours.ink}">${escapeHtml(shortened(full))}</text>`;
  return `<g><title>${escapeHtml(full)}</title>${shape}${text}</g>`;
}

function shortened(text: string): string {
  const room = columnWidth - 2 * padding;
  if (textWidth(text, fontSize) <= room) return text;
  let length = text.length - 1;
  while (textWidth(`${text.slice(0, length)}…`, fontSize) > room) length--;
  return `${text.slice(0, length)}…`;
}

function legend(): string {
  const words = { engine: "the engine", own: "TensorFace", other: "other packages, V8" } as const;
  let left = padding;
  return (["engine", "own", "other"] as const)
    .map((owner) => {
      const { colour, opacity } = fills[owner];
      const item = `<rect x="${left}" y="25" width="10" height="10" fill="${colour}" fill-opacity="${opacity}"/><text x="${left + 14}" y="34" font-size="${fontSize}" fill="${chartColours.soft}">${words[owner]}</text>`;
      left += 14 + Math.ceil(textWidth(words[owner], fontSize)) + 16;
      return item;
    })
    .join("");
}
