import { batchNorm, dense, type NetworkDefinition, residualNetwork } from "../../src/train/network/index.ts";

/** What both engines train: a residual network at 64 pixels, 255 M multiply-accumulates a picture, in batches of 64. */
export const reference: { readonly definition: NetworkDefinition; readonly batchSize: number; readonly classes: number } = {
  definition: residualNetwork({
    input: { kind: "picture", channels: 3, height: 64, width: 64, mean: [127.5, 127.5, 127.5], standardDeviation: [64, 64, 64] },
    heads: { mood: 7 },
  }),
  batchSize: 64,
  classes: 7,
};

/** A head on frozen features: a norm, 256 hidden units, dropout, 7 classes. */
export const headWork: {
  readonly definition: NetworkDefinition;
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly batchSize: number;
  readonly epochs: number;
} = {
  definition: {
    input: { kind: "features", size: 1024 },
    backbone: [batchNorm(), dense(256), { layer: "activation", function: "relu" }, { layer: "dropout", rate: 0.3 }],
    heads: [{ name: "mood", layers: [dense(7)] }],
  },
  rows: 20_000,
  columns: 1024,
  classes: 7,
  batchSize: 256,
  epochs: 20,
};
