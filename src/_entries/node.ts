/** Finds faces in pictures and tells apparent age, gender and mood, and whatever models of yours tell. For Node, on onnxruntime-node and sharp. */
export * from "./shared.ts";
export { createAnalyzer } from "../analyze/create-analyzer.node.ts";
export type { NodeAnalyzerOptions } from "../analyze/index.ts";
export { decode, type PictureInput } from "../image/decode.node.ts";
export type { ByteInput, LocalFile } from "../image/input.node.ts";
export { encode } from "../image/encode.node.ts";
