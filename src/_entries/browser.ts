/** The library for browsers: binds the shared rooms to onnxruntime-web and canvas. */
export * from "./shared.ts";
export { type BrowserAnalyzerOptions, createAnalyzer } from "../analyze/create-analyzer.browser.ts";
export { decode, type PictureInput } from "../image/decode.browser.ts";
export { encode } from "../image/encode.browser.ts";
export { type FetchedModelsOptions, fetchModels } from "../models/models.browser.ts";
export type { ModelStore, ReadModelOptions } from "../models/store.ts";
