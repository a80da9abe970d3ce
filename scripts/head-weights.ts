/**
 * Writes what a training can begin with: the weights of a head that `faceTrunk` describes, installed or the path of its manifest, read from its ONNX file. Batch norms
 * were folded into the convolutions when it was exported; here each convolution gets one back that changes nothing. The
 * filters of a grey head can be made filters for colour that see the luma of a colour picture, so that both give the same answers.
 *
 *     node scripts/head-weights.ts recipes/initial/mood-4.json --colour --out .cache/initial/mood-4-colour.safetensors
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Float32Tensor, float32Tensor } from "../src/core/index.ts";
import { decodeModel, type Graph } from "../src/graph/index.ts";
import { findModel } from "../src/models/index.ts";
import { openModelFolders } from "../src/models/models.node.ts";
import { encodeSafetensors } from "../src/train/run/index.ts";
import { unfoldConvolution } from "./unfold.ts";
import { flag, neededText, readWords } from "./words.ts";

const { values, operands } = readWords(
  "node scripts/head-weights.ts",
  { colour: flag, out: neededText("FILE") },
  { operands: ["ID|MANIFEST"] },
);
const id = operands[0]!;

/** ITU-R BT.601, as grey networks are shown colour pictures. */
const luma = [0.299, 0.587, 0.114] as const;

const isPath = id.endsWith(".json");
const store = openModelFolders(isPath ? [id] : undefined);
const manifests = await store.manifests();
const manifest = isPath ? manifests[0]! : findModel(manifests, id);
const graph = decodeModel(await store.read(manifest));
const weights = new Map<string, Float32Tensor>();
for (const { op, inputs } of graph.nodes) {
  const [, name, biasName] = inputs;
  if (op === "Conv") addConvolution(name!, biasName);
  if (op === "Gemm") for (const constant of [name!, biasName!]) weights.set(constant, constantOf(graph, constant));
}
mkdirSync(dirname(values.out), { recursive: true });
const engine = manifest.provenance.training?.["engine"];
const source = `${manifest.id}: ${manifest.provenance.source}${typeof engine === "string" ? `; weights by ${engine}` : ""}`;
writeFileSync(values.out, encodeSafetensors({ tensors: weights, metadata: { source } }));
console.error(`wrote ${values.out}: ${weights.size} tensors`);

function addConvolution(name: string, biasName: string | undefined): void {
  const stored = constantOf(graph, name);
  const weight = values.colour && stored.shape[1] === 1 ? colourFilters(stored) : stored;
  const bias = biasName === undefined ? undefined : constantOf(graph, biasName);
  for (const [key, tensor] of unfoldConvolution({ name, weight, bias })) weights.set(key, tensor);
}

/** Filters for three channels that do on a colour picture what those for one do on its luma. */
function colourFilters({ shape, data }: Float32Tensor): Float32Tensor {
  const [outputs = 0, , height = 0, width = 0] = shape;
  const area = height * width;
  const filters = float32Tensor([outputs, luma.length, height, width]);
  for (let output = 0; output < outputs; output++) {
    for (const [channel, share] of luma.entries()) {
      for (let cell = 0; cell < area; cell++)
        filters.data[(output * luma.length + channel) * area + cell] = data[output * area + cell]! * share;
    }
  }
  return filters;
}

/** A constant of the graph; 8-bit weights are stored as a list of values and an index of each. */
function constantOf({ initializers }: Graph, name: string): Float32Tensor {
  const plain = initializers.get(name);
  if (plain?.type === "float32") return plain;
  const [list, codes] = [initializers.get(`${name}/values`), initializers.get(`${name}/codes`)];
  if (list?.type !== "float32" || codes?.type !== "uint8") throw new Error(`"${name}" is no constant of the network`);
  return float32Tensor(
    codes.shape,
    Float32Array.from(codes.data, (code) => list.data[code]!),
  );
}
