/** The library for Node: binds the shared rooms to onnxruntime-node, sharp and the file system. */
export * from "./shared.ts";
export { createAnalyzer } from "../analyze/create-analyzer.node.ts";
export type { NodeAnalyzerOptions } from "../analyze/options.ts";
export { decode, type PictureInput } from "../image/decode.node.ts";
export type { LocalFile } from "../image/input.node.ts";
export { encode } from "../image/encode.node.ts";
