/** What notebooks show, what they work on, and how they are set up. */
export { chart } from "./chart.ts";
export type { Display, MediaBundle } from "./display.ts";
export { type ExampleData, exampleData, type ExampleDataOptions, type ExampleSet } from "./example-data.ts";
export { findJupyter, showInJupyter } from "./jupyter.ts";
export {
  type CaptionedPicture,
  faceGrid,
  type FaceGridOptions,
  picture,
  type PictureGridOptions,
  type PictureOptions,
  pictures,
} from "./pictures.ts";
export { type LiveDisplay, type ProgressDisplay, show, showLive, showProgress, type Showable } from "./show.ts";
export { table, type TableOptions, type TableValue } from "./table.ts";
export { findDeno, findProgram, quietJupyterEnvironment, setUpWorkplace, type Workplace, writeKernel } from "./workplace.ts";
