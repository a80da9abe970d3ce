/** Where faces stand in a dataset's pictures. */
export { canvasSide, cropShare, locateOnCanvas, showOnCanvas } from "./canvas.ts";
export { measureTemplate } from "./measure.ts";
export { findTemplate, readTemplates } from "./training-template.ts";
