import type { Config } from "vega-lite";

/** A colour as it is drawn, and as a dark page shows it. */
interface Colour {
  readonly light: string;
  readonly dark: string;
}

/**
 * The colours of every chart. They are drawn as they are on a light ground, so that a chart can be taken out of its page; a dark page
 * swaps each for its other half (`page.ts`). So only these may be drawn, and a shade between two is an opacity.
 */
const colours = {
  /** Text. */
  ink: { light: "#1c2126", dark: "#e8ebee" },
  /** Text and marks that stand back. */
  soft: { light: "#5a646d", dark: "#a2abb3" },
  grid: { light: "#dfe3e7", dark: "#39424a" },
  paper: { light: "#ffffff", dark: "#14181b" },
  // Series differ in brightness from one to the next, so that they are told apart without colour too.
  blue: { light: "#1b4965", dark: "#62a8d6" },
  orange: { light: "#cf7300", dark: "#ffc46b" },
  green: { light: "#2e7d5b", dark: "#5fc795" },
  pink: { light: "#c05290", dark: "#f0a6cf" },
  violet: { light: "#5b3f9e", dark: "#a58bf0" },
  teal: { light: "#1298a0", dark: "#7be0e6" },
} as const satisfies Readonly<Record<string, Colour>>;

/** What a chart is drawn with. */
export const chartColours = {
  ink: colours.ink.light,
  soft: colours.soft.light,
  grid: colours.grid.light,
  paper: colours.paper.light,
  accent: colours.blue.light,
  second: colours.orange.light,
} as const;

const series: readonly string[] = [colours.blue, colours.orange, colours.green, colours.pink, colours.violet, colours.teal].map(
  ({ light }) => light,
);

/** The rules by which a dark page shows a chart that was drawn for a light one. */
export const darkChartRules: string = Object.values(colours)
  .map(({ light, dark }) => `svg [fill="${light}"] { fill: ${dark}; } svg [stroke="${light}"] { stroke: ${dark}; }`)
  .join("\n");

const { ink, soft, grid } = chartColours;
const text = { labelColor: ink, titleColor: ink, labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" } as const;

/** One look for every chart. */
export const chartConfig: Config = {
  font: "system-ui, sans-serif",
  background: "transparent",
  title: { anchor: "start", fontSize: 13, fontWeight: 600, color: ink, subtitleColor: soft, subtitleFontSize: 11, offset: 8 },
  axis: { ...text, titlePadding: 8, gridColor: grid, domainColor: soft, tickColor: soft, labelLimit: 220 },
  legend: { ...text, title: null, orient: "bottom", labelLimit: 300, columns: 2 },
  view: { stroke: null },
  range: { category: [...series] },
  mark: { color: colours.blue.light },
};
