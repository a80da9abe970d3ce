import type { Graph } from "../model.ts";
import { blockPictures } from "./blocked-pictures.ts";
import { foldScales } from "./fold-scales.ts";
import { mergeLimits } from "./merge-limits.ts";
import { removeIdentities, removeUnused } from "./remove.ts";

export { blockPictures } from "./blocked-pictures.ts";
export { expandConstants } from "./expand-constants.ts";
export { foldScales } from "./fold-scales.ts";
export { mergeLimits } from "./merge-limits.ts";
export { expandMisreadConstants } from "./misread-constants.ts";
export { removeIdentities, removeUnused } from "./remove.ts";

/**
 * The same function in fewer operations: factors and shifts behind a convolution go into its weights, limits that follow each
 * other become one, what no output needs is dropped, and pictures stay in the form that convolutions want. Outputs differ by rounding
 * only.
 */
export function optimizeGraph(graph: Graph): Graph {
  return removeUnused(blockPictures(mergeLimits(foldScales(removeIdentities(graph)))));
}
