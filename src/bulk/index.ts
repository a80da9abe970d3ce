/** Many pictures, one after the other: what the words of a command line mean, what an earlier run has left, and how results are written. */
export { ageGroupingNames, ageGroupings } from "./age-groupings.ts";
export { type AnalyzeDependencies, analyzePictures, type AnalyzeSettings } from "./analyze-pictures.ts";
export { type CropDependencies, cropPictures, type CropSettings, cropTableName } from "./crop-pictures.ts";
export { outcomeFormats } from "./format/outcome-writer.ts";
export { preferFiles } from "./inputs.ts";
