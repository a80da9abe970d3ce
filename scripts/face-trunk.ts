/**
 * Writes what a network made with `faceTrunk` can begin with: the weights of dlib's face recognition network, which its author gave
 * to the public domain and `@vladmandic/face-api` carries in eight bits. Only the trunk is read; the layer that tells people apart is
 * left behind.
 *
 *     node scripts/face-trunk.ts [--blocks 14] [--grey] [--out .cache/initial/face-trunk.safetensors]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { elementCount, type Float32Tensor, float32Tensor, type Tensor } from "../src/core/index.ts";
import { readWeights } from "../src/graph/tensorflow/index.ts";
import { encodeSafetensors } from "../src/train/run/index.ts";
import { packageFolder } from "./convert/sources.ts";
import { anyText, flag, readWords, wholeNumber } from "./words.ts";

const { values } = readWords("node scripts/face-trunk.ts", {
  blocks: wholeNumber(14),
  grey: flag,
  out: anyText(".cache/initial/face-trunk.safetensors"),
});

/** Names of the residual blocks in the package. A block called down halves the picture. */
const blockNames = (
  "conv32_1 conv32_2 conv32_3 conv64_down conv64_1 conv64_2 conv64_3 " +
  "conv128_down conv128_1 conv128_2 conv256_down conv256_1 conv256_2 conv256_down_out"
).split(" ");

const folder = packageFolder("@vladmandic/face-api");
if (folder === undefined) throw new Error("install @vladmandic/face-api first: npm ci");
const stem = join(folder, "model", "face_recognition_model");
const source = readWeights(JSON.parse(readFileSync(`${stem}-weights_manifest.json`, "utf8")), readFileSync(`${stem}.bin`));

const trunk = new Map<string, Float32Tensor>();
/** The layers of `faceTrunk` by their places: convolution, norm, activation, pooling; then blocks. */
addConvolution("backbone", "conv32_down", { isGrey: values.grey });
for (const [index, name] of blockNames.slice(0, values.blocks).entries()) {
  const block = `backbone.${index + 4}`;
  const channels = addConvolution(`${block}.body`, `${name}/conv1`);
  const outputs = addConvolution(`${block}.body`, `${name}/conv2`, { at: 3 });
  if (name.includes("down")) trunk.set(`${block}.shortcut.1.weight`, identity(channels, outputs));
}
mkdirSync(dirname(values.out), { recursive: true });
const metadata = { source: "dlib face recognition network (Davis King, public domain), from @vladmandic/face-api" };
writeFileSync(values.out, encodeSafetensors({ tensors: trunk, metadata }));
console.error(`wrote ${values.out}: ${trunk.size} tensors`);

/**
 * A convolution and its frozen scale, as convolution and batch norm; gives its number of input channels, or of outputs for the second
 * one of a block. The filters are brought to the spread that new ones have (He et al., 2015), and the norm takes the factor
 * back, so that a learning rate means the same here as in a network with random weights.
 */
function addConvolution(path: string, name: string, { at = 0, isGrey = false } = {}): number {
  const [height, width, inputs, outputs] = floats(`${name}/conv/filters`).shape;
  const filters = isGrey ? summed(turned(name)) : turned(name);
  const fanIn = elementCount(filters.shape.slice(1));
  const spread = Math.sqrt(filters.data.reduce((sum, value) => sum + value * value, 0) / filters.data.length);
  const factor = Math.sqrt(2 / fanIn) / spread;
  const bias = floats(`${name}/conv/bias`).data;
  const scale = floats(`${name}/scale/weights`).data;
  trunk.set(
    `${path}.${at}.weight`,
    float32Tensor(
      filters.shape,
      filters.data.map((value) => value * factor),
    ),
  );
  const norm = {
    scale: scale.map((value) => value / factor),
    bias: floats(`${name}/scale/biases`).data,
    mean: bias.map((value) => -value * factor),
    // With the norm's epsilon it is 1: no change.
    variance: bias.map(() => 1 - 1e-5),
  };
  for (const [part, data] of Object.entries(norm)) trunk.set(`${path}.${at + 1}.${part}`, float32Tensor([data.length], data));
  if (height !== width) throw new Error(`"${name}" has filters of ${height} x ${width}`);
  return at === 0 ? inputs! : outputs!;
}

/** Filters `[height, width, inputs, outputs]` as `[outputs, inputs, height, width]`. */
function turned(name: string): Float32Tensor {
  const { shape, data } = floats(`${name}/conv/filters`);
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const filters = float32Tensor([outputs, inputs, height, width]);
  for (let cell = 0; cell < height * width; cell++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        filters.data[(output * inputs + input) * height * width + cell] = data[(cell * inputs + input) * outputs + output]!;
      }
    }
  }
  return filters;
}

/** Filters for one channel that do on a grey picture what the three do. */
function summed({ shape, data }: Float32Tensor): Float32Tensor {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape;
  const filters = float32Tensor([outputs, 1, height, width]);
  const area = height * width;
  for (let index = 0; index < data.length; index++) {
    const output = Math.floor(index / (inputs * area));
    filters.data[output * area + (index % area)]! += data[index]!;
  }
  return filters;
}

/** A 1 x 1 convolution from `inputs` to `outputs` channels that passes them on and gives zeros for the rest. */
function identity(inputs: number, outputs: number): Float32Tensor {
  const weight = float32Tensor([outputs, inputs, 1, 1]);
  for (let channel = 0; channel < inputs; channel++) weight.data[channel * inputs + channel] = 1;
  return weight;
}

function floats(name: string): Float32Tensor {
  const tensor: Tensor | undefined = source.get(name);
  if (tensor?.type !== "float32") throw new Error(`the package has no float32 weights "${name}"`);
  return tensor;
}
