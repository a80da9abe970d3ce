/** TensorFlow's graphs become ONNX graphs. */
export { readGraphDef } from "./graph-def.ts";
export { readGraphModel, type TensorFlowGraph } from "./graph-model.ts";
export { importedOps, type ImportOptions, importTensorFlow, type InputCut } from "./import.ts";
export { nodeOf } from "./node.ts";
export { readWeights } from "./weights.ts";
