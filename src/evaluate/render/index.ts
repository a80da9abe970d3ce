/** Charts of a report. */
export { confusionChart } from "./charts.ts";
