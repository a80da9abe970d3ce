/** Networks that were made elsewhere, as graphs of ours. */
export { describeForeignModel, type ForeignModel, type ForeignModelAnswers } from "./describe-model.ts";
export type { ForeignInput, ForeignNetwork, PictureFit } from "./foreign-network.ts";
export { type ImportedModel, importForeignModel } from "./import-model.ts";
export { type NsfwjsName, readNsfwjs } from "./nsfwjs.ts";
export { type PixelWords, readPixelWords } from "./pixels.ts";
export { openForeignNetwork, type OpenForeignOptions } from "./open.ts";
export { transformersTolerance, writeTransformersFolders } from "./export-transformers.ts";
