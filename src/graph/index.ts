/** ONNX graphs as data. */
export { attribute } from "./attributes.ts";
export { createGraphBuilder, type GraphBuilder, type OpOptions } from "./builder.ts";
export { chainGraphs, truncateGraph, embedGraph } from "./compose.ts";
export { decodeModel } from "./decode.ts";
export { encodeModel, type EncodeModelOptions } from "./encode.ts";
export { externalFiles, withExternalData } from "./external-data.ts";
export { exposeFeatures } from "./feature-output.ts";
export type { Attribute, Dimension, Graph, GraphNode, ValueInfo } from "./model.ts";
export { convertOpset, oldestWrittenOpset } from "./opsets/convert-opset.ts";
export { type ConvertedFile, readCurrent } from "./opsets/read-current.ts";
export { defaultOpset } from "./onnx.ts";
export { withPictureSize } from "./picture-size.ts";
export { plainGraph } from "./plain.ts";
export { inferShapes } from "./shapes.ts";
export { expandMisreadConstants, removeUnused } from "./optimize/index.ts";
export { roundWeights } from "./codebook.ts";
export { quantizedValues, quantizeGraph, type ValueRange } from "./quantize.ts";
