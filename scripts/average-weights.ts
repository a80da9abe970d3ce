/**
 * Writes weights that lie between those with which a training began and those with which it ended, as a share of the way: what was learnt
 * before is forgotten less, and most of what is new stays (Wortsman et al., CVPR 2022).
 *
 *     node scripts/average-weights.ts recipes/mood-photographs.ts --share 0.5 --out .runs/mood-photographs/averaged.safetensors
 *
 * Norms are folded into their convolutions first, in which both networks are the same sums; a share is taken of those.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../src/train/run/config-file.node.ts";
import { type Float32Tensor, float32Tensor } from "../src/core/index.ts";
import type { Graph } from "../src/graph/index.ts";
import { networkDefinition } from "../src/train/index.ts";
import { createNetwork, inferenceGraph } from "../src/train/network/index.ts";
import { readWeights } from "../src/train/run/checkpoint.node.ts";
import { encodeSafetensors } from "../src/train/run/index.ts";
import { trainingFiles } from "../src/train/run/training-folder.node.ts";
import { unfoldConvolution } from "./unfold.ts";
import { anyNumber, endWithUsage, neededText, readWords } from "./words.ts";

const { values, operands, usage } = readWords(
  "node scripts/average-weights.ts",
  { share: anyNumber(0.5), out: neededText("FILE") },
  { operands: ["CONFIG"] },
);
const path = operands[0]!;
const { share } = values;
if (share > 1) endWithUsage(`--share: ${share} is more than the whole way`, usage);

const config = await readConfig(path, undefined);
if (config.initial === undefined) throw new Error(`"${path}" begins with random weights`);
const network = createNetwork(networkDefinition(config), { seed: config.seed });
const begun = inferenceGraph(network, await readWeights(config.initial.weights));
const trained = inferenceGraph(network, await readWeights(join(".runs", config.name, trainingFiles.best)));
const weights = new Map<string, Float32Tensor>();
for (const { op, inputs } of trained.nodes) {
  const [, name, biasName] = inputs;
  if (op === "Conv") {
    const bias = biasName === undefined ? undefined : between(biasName);
    for (const [key, tensor] of unfoldConvolution({ name: name!, weight: between(name!), bias })) weights.set(key, tensor);
  }
  if (op === "Gemm") for (const constant of [name!, biasName!]) weights.set(constant, between(constant));
}
const source = `${share} of the way from ${config.initial.weights} to the end of ${config.name}`;
writeFileSync(values.out, encodeSafetensors({ tensors: weights, metadata: { source } }));
console.error(`wrote ${values.out}: ${weights.size} tensors, ${source}`);

function between(name: string): Float32Tensor {
  const [from, to] = [floatsOf(begun, name), floatsOf(trained, name)];
  return float32Tensor(
    to.shape,
    to.data.map((value, index) => share * value + (1 - share) * from.data[index]!),
  );
}

function floatsOf({ initializers }: Graph, name: string): Float32Tensor {
  const tensor = initializers.get(name);
  if (tensor?.type !== "float32") throw new Error(`"${name}" is no constant of the network`);
  return tensor;
}
