import { residualNetwork } from "../../src/train/networks.ts";
import type { NetworkDefinition } from "../../src/train/network.ts";

/** What both engines train: a residual network at 64 pixels, 255 M multiply-accumulates a picture, in batches of 64. */
export const reference: { readonly definition: NetworkDefinition; readonly batchSize: number; readonly classes: number } = {
  definition: residualNetwork({
    input: { kind: "picture", channels: 3, height: 64, width: 64, mean: [127.5, 127.5, 127.5], standardDeviation: [64, 64, 64] },
    heads: { mood: 7 },
  }),
  batchSize: 64,
  classes: 7,
};
