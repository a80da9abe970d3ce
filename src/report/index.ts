/** Pages of numbers, charts and pictures: one look for every report. */
export {
  type Block,
  type Chart,
  type Column,
  factsTable,
  heading,
  numberTable,
  paragraph,
  type PictureItem,
  type Pictures,
  type Table,
} from "./blocks.ts";
export { renderChart, renderFigure, themedChart } from "./chart.ts";
export { escapeHtml, quoted } from "./escape.ts";
export { formatCount, formatLevel, formatShare } from "./format.ts";
export { renderBlocks, renderTable } from "./html.ts";
export { renderBlocksAsMarkdown } from "./markdown.ts";
export { renderPage } from "./page.ts";
export { renderBlocksAsText } from "./text.ts";
export { textWidth } from "./text-width.ts";
export { chartColours } from "./theme.ts";
