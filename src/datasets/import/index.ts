/** What importers share: formats, their options, rows. */
export { sourceNames } from "./source-row.ts";
