/** Keras models, in the form that Keras and TensorFlow.js save them in, become TensorFlow graphs. */
export { readLayersModel } from "./layers-model.ts";
export { lowerLayers, type LoweredModel } from "./lower.ts";
export { layerRules } from "./rules.ts";
export { type ReadVariable, savedVariables } from "./saved-variables.ts";
export { readTopology } from "./topology.ts";
export { majorVersion } from "./version.ts";
export type { WeightSource } from "./weights.ts";
