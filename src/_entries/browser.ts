/** The same for browsers, on WebGPU where there is one and else on WebAssembly. It needs the package `onnxruntime-web`. */
export * from "./shared.ts";
export { type BrowserAnalyzerOptions, createAnalyzer } from "../analyze/create-analyzer.browser.ts";
export type { DrawableSource } from "../image/canvas.browser.ts";
export { type BrowserDecodeOptions, decode, type PictureInput } from "../image/decode.browser.ts";
export { encode } from "../image/encode.browser.ts";
export { type FetchedModelsOptions, fetchModels } from "../models/models.browser.ts";
export type { BrowserRuntimeOptions } from "../runtime/runtime.browser.ts";
export type { ModelStore, OpenedModel, ReadModelOptions } from "../models/index.ts";
