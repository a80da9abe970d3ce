import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { strToU8, zipSync } from "fflate";
import { h5wasm } from "h5wasm/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { predictByTensorFlow, randomPicture, type SavedModel, saveLayersModel } from "../../test/support/layers-model.ts";
import { writeRetrainedGraphDef } from "../../test/support/inception-v3.ts";
import { createRandom, float32Tensor, type Float32Tensor } from "../core/index.ts";
import { createGraphBuilder, type Dimension, encodeModel, type Graph } from "../graph/index.ts";
import { readLayersModel } from "../graph/keras/index.ts";
import { importTensorFlow } from "../graph/tensorflow/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { verifyConversion } from "../runtime/verify-conversion.ts";
import { checkImport } from "./check-model.node.ts";
import { describeForeignModel } from "./describe-model.ts";
import { importForeignModel } from "./import-model.ts";
import { type ForeignNetwork, openForeignNetwork } from "./index.ts";

let root: string;
let model: tf.LayersModel;
let saved: SavedModel;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "convert-"));
  await tf.setBackend("cpu");
  model = smallClassifier();
  saved = await saveLayersModel(model);
});
afterAll(async () => rm(root, { recursive: true, force: true }));

const size = 8;

/** In small, what people train: a trunk, its mean, two dense layers. */
function smallClassifier(): tf.LayersModel {
  const trunk = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, useBias: false, name: "first", inputShape: [size, size, 3] }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.globalAveragePooling2d({}),
    ],
  });
  const head = tf.sequential({
    layers: [
      tf.layers.dense({ units: 5, activation: "relu", inputShape: [6], name: "hidden" }),
      tf.layers.dense({ units: 3, activation: "softmax", useBias: false, name: "classes" }),
    ],
  });
  return tf.sequential({ layers: [trunk, head] });
}

async function folderWith(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = join(root, name);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}

const json = (value: unknown): string => JSON.stringify(value);
const modelJson = (paths: readonly string[] = ["weights.bin"]): string => {
  const { modelTopology, weightsManifest } = saved.model as { modelTopology: unknown; weightsManifest: { weights: unknown }[] };
  return json({ format: "layers-model", modelTopology, weightsManifest: [{ paths, weights: weightsManifest[0]!.weights }] });
};

/** The network's answer to pictures whose numbers already are what it takes. */
async function scoresOf({ graph, output }: ForeignNetwork, input: Float32Tensor): Promise<Float32Array> {
  await using session = await createNodeRuntime().load(encodeModel(graph));
  const turned = tf.transpose(tf.tensor(input.data, [...input.shape]), [0, 3, 1, 2]);
  const channelsFirst = float32Tensor(turned.shape, Float32Array.from(turned.dataSync()));
  const outputs = await session.run({ [graph.inputs[0]!.name]: channelsFirst });
  return Float32Array.from(outputs[output]!.data, Number);
}

/** The largest difference of a probability from what TensorFlow.js says. */
async function furthestScore(network: ForeignNetwork): Promise<number> {
  const input = randomPicture([3, size, size, 3]);
  const [expected, actual] = [predictByTensorFlow(model, input), await scoresOf(network, input)];
  return Math.max(...Array.from(expected, (value, index) => Math.abs(value - (actual[index] ?? Number.NaN))));
}

/** The file that Keras writes: the topology in an attribute, each weight below its layer, by its name with `:0`. */
async function writeKeras(name: string, change: (file: InstanceType<typeof h5wasm.File>) => void = () => undefined): Promise<string> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File("write.h5", "w");
  const { modelTopology } = saved.model as { modelTopology: Record<string, unknown> };
  file.create_attribute("model_config", json(modelTopology["model_config"] ?? modelTopology));
  const weights = file.create_group("model_weights");
  for (const { name: path, val } of model.weights.map((weight) => ({ name: weight.name, val: weight.read() }))) {
    const [layer = "", weight = ""] = path.split("/").slice(-2);
    const group = weights.get(layer) ?? weights.create_group(layer);
    (group as typeof weights).create_dataset({ name: `${weight}:0`, data: Float32Array.from(val.dataSync()), shape: val.shape });
  }
  change(file);
  file.close();
  const path = join(root, name);
  await writeFile(path, FS.readFile("write.h5"));
  FS.unlink("write.h5");
  return path;
}

type Json = Readonly<Record<string, unknown>>;

/** A topology of TensorFlow.js as Keras 3 writes it: modules, types as objects, calls as tensors that tell their history. */
function asKeras3(value: unknown, change: (layer: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((each) => asKeras3(each, change));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, name === "inbound_nodes" ? callsOf(each) : asKeras3(each, change)]),
  );
  if (typeof fields["class_name"] !== "string" || fields["config"] === undefined) return fields;
  const { batch_input_shape: shape, ...config } = fields["config"] as Json;
  const dtype = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" }, registered_name: null };
  const className = fields["class_name"] === "Model" ? "Functional" : fields["class_name"];
  const own = Array.isArray(fields["config"])
    ? { layers: fields["config"] }
    : { ...config, ...(shape === undefined ? {} : { batch_shape: shape }) };
  return change({ ...fields, module: "keras.layers", class_name: className, config: { ...own, dtype }, registered_name: null });
}

function callsOf(nodes: unknown): unknown[] {
  return (nodes as unknown[][][]).map((inputs) => {
    const tensors = inputs.map(([layer, call, output]) => ({
      class_name: "__keras_tensor__",
      config: { shape: [null, 1], dtype: "float32", keras_history: [layer, call, output] },
    }));
    return { args: tensors.length === 1 ? tensors : [tensors], kwargs: {} };
  });
}

/** What Keras 3's `model.save("net.keras")` writes: weights by class and place, whatever the layers are called. */
async function writeArchive(
  name: string,
  { modelTopology }: Json = saved.model as Json,
  change: (layer: Json) => Json = (layer) => layer,
  layers: readonly tf.layers.Layer[] = model.layers,
): Promise<string> {
  const { FS } = await h5wasm.ready;
  const file = new h5wasm.File("write.h5", "w");
  const folders = new Set<string>();
  const folderOf = (path: string): void => {
    const steps = path.split("/");
    for (const index of steps.keys()) {
      const part = steps.slice(0, index + 1).join("/");
      if (!folders.has(part)) file.create_group(part);
      folders.add(part);
    }
  };
  const write = (list: readonly tf.layers.Layer[], within: string): void => {
    const counts = new Map<string, number>();
    for (const layer of list) {
      const inner = (layer as Partial<tf.LayersModel>).layers;
      const stem =
        {
          Conv2D: "conv2d",
          BatchNormalization: "batch_normalization",
          Dense: "dense",
          SeparableConv2D: "separable_conv2d",
          DepthwiseConv2D: "depthwise_conv2d",
          Model: "functional",
        }[layer.getClassName()] ?? layer.getClassName().toLowerCase();
      const count = counts.get(stem) ?? 0;
      counts.set(stem, count + 1);
      const group = `${within}layers/${stem}${count === 0 ? "" : `_${count}`}`;
      if (inner !== undefined) write(inner, `${group}/`);
      else {
        folderOf(`${group}/vars`);
        const weights = [...layer.trainableWeights, ...layer.nonTrainableWeights];
        for (const [index, weight] of weights.entries()) {
          const value = weight.read();
          (file.get(`${group}/vars`) as InstanceType<typeof h5wasm.Group>).create_dataset({
            name: String(index),
            data: Float32Array.from(value.dataSync()),
            shape: value.shape,
          });
        }
      }
    }
  };
  write(layers, "");
  // The state of a layer for training alone.
  folderOf("layers/dropout/seed_generator/vars");
  (file.get("layers/dropout/seed_generator/vars") as InstanceType<typeof h5wasm.Group>).create_dataset({
    name: "0",
    data: Uint32Array.of(1, 2),
  });
  file.close();
  const topology = asKeras3((modelTopology as Json)["model_config"] ?? modelTopology, change);
  const archive = zipSync({
    "metadata.json": strToU8(json({ keras_version: "3.11.0", date_saved: "2026-11-28" })),
    "config.json": strToU8(json(topology)),
    "model.weights.h5": [FS.readFile("write.h5"), { level: 0 }],
  });
  FS.unlink("write.h5");
  const path = join(root, name);
  await writeFile(path, archive);
  return path;
}

describe("networks made elsewhere", () => {
  test("a TensorFlow.js layers model says its size, and asks for the rest", async () => {
    const folder = await folderWith("layers", { "model.json": modelJson(), "weights.bin": saved.weights });
    const network = await openForeignNetwork(folder);
    expect(network).toMatchObject({ format: "TensorFlow.js layers model", name: "layers", activation: "none", labels: undefined });
    expect(network.input).toEqual({ width: size, height: size });
    expect(await furthestScore(network)).toBeLessThan(1e-5);
    expect(await furthestScore(await openForeignNetwork(join(folder, "model.json")))).toBeLessThan(1e-5);
  });

  test("weights in several files are joined in the manifest's order", async () => {
    const files = { "model.json": modelJson(["b.bin", "a.bin"]), "b.bin": saved.weights.slice(0, 100), "a.bin": saved.weights.slice(100) };
    expect(await furthestScore(await openForeignNetwork(await folderWith("parts", files)))).toBeLessThan(1e-5);
  });

  test("a Teachable Machine export brings labels, scaling and the middle square", async () => {
    const metadata = {
      packageName: "@teachablemachine/image",
      labels: ["Glasses", "None", "Hat"],
      imageSize: size,
      modelName: "tm-my-image-model",
    };
    const files = { "model.json": modelJson(), "weights.bin": saved.weights, "metadata.json": json(metadata) };
    const network = await openForeignNetwork(await folderWith("teachable", files));
    expect(network).toMatchObject({ format: "Teachable Machine export", name: "tm-my-image-model", labels: ["Glasses", "None", "Hat"] });
    expect(network.input).toEqual({
      width: size,
      height: size,
      colour: "rgb",
      mean: [127, 127, 127],
      standardDeviation: [127, 127, 127],
      fit: "middle",
    });
    expect(await furthestScore(network)).toBeLessThan(1e-5);
  });

  test("the features are what the first dense layer reads", async () => {
    const { graph, features } = await openForeignNetwork(
      await folderWith("features", { "model.json": modelJson(), "weights.bin": saved.weights }),
    );
    const dense = graph.nodes.filter(({ op }) => op === "Gemm");
    expect(dense).toHaveLength(2);
    expect(dense[0]!.inputs[0]).toBe(features);
  });

  test("a Keras file", async () => {
    const network = await openForeignNetwork(await writeKeras("net.h5"));
    expect(network).toMatchObject({ format: "Keras file", name: "net" });
    expect(await furthestScore(network)).toBeLessThan(1e-5);
  });

  test("a Keras file with numbers that no layer needs: the state of a generator, how much was counted", async () => {
    const network = await openForeignNetwork(
      await writeKeras("state.h5", (file) => {
        const weights = file.get("model_weights") as InstanceType<typeof h5wasm.Group>;
        const state = { name: "StateVar:0", data: BigInt64Array.of(1n, 2n, 3n), shape: [3], dtype: "<q" };
        weights.create_group("random_flip").create_dataset(state);
      }),
    );
    expect(await furthestScore(network)).toBeLessThan(1e-5);
  });

  test("a zipped Keras file says the same as one of HDF5", async () => {
    const network = await openForeignNetwork(await writeArchive("net.keras"));
    expect(network).toMatchObject({ format: "Keras file", name: "net" });
    expect(network.input).toEqual({ width: size, height: size });
    expect(await furthestScore(network)).toBeLessThan(1e-5);
    const input = randomPicture([2, size, size, 3]);
    expect(await scoresOf(network, input)).toEqual(await scoresOf(await openForeignNetwork(await writeKeras("same.h5")), input));
  });

  test("what Keras 3 computes otherwise under the same name", async () => {
    const input = tf.input({ shape: [size, size, 3] });
    const mean = tf.layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
    const activated = tf.layers.activation({ activation: "hardSigmoid" }).apply(mean) as tf.SymbolicTensor;
    const file = await saveLayersModel(tf.model({ inputs: input, outputs: activated }));
    const network = await openForeignNetwork(await writeArchive("hard.keras", file.model as Json, undefined, []));
    const constant = float32Tensor([1, size, size, 3], new Float32Array(size * size * 3).fill(1));
    for (const value of await scoresOf(network, constant)) expect(value).toBeCloseTo(4 / 6, 6);
  });

  test("a zipped functional one: branches, several layers of a class, norms without a scale", async () => {
    const input = tf.input({ shape: [size, size, 3], name: "picture" });
    const convolution = (name: string, value: tf.SymbolicTensor): tf.SymbolicTensor =>
      tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", name }).apply(value) as tf.SymbolicTensor;
    const left = convolution("zebra", input);
    const deep = tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding: "same", name: "deep" }).apply(convolution("ape", input));
    const sum = tf.layers.add({ name: "sum" }).apply([left, deep as tf.SymbolicTensor]);
    const norm = tf.layers.batchNormalization({ scale: false, name: "norm" }).apply(sum);
    const wide = tf.layers.depthwiseConv2d({ kernelSize: 3, name: "wide" }).apply(norm);
    const pooled = tf.layers.globalAveragePooling2d({ name: "pool" }).apply(tf.layers.dropout({ rate: 0.5, name: "drop" }).apply(wide));
    const scores = tf.layers.dense({ units: 3, activation: "softmax", name: "scores" }).apply(pooled) as tf.SymbolicTensor;
    const branched = tf.model({ inputs: input, outputs: scores });
    const file = await saveLayersModel(branched);
    const network = await openForeignNetwork(await writeArchive("branched.keras", file.model as Json, undefined, branched.layers));
    const pictures = randomPicture([2, size, size, 3]);
    const [expected, actual] = [predictByTensorFlow(branched, pictures), await scoresOf(network, pictures)];
    for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
  });

  test("a transformers.js folder brings labels, sizes and scaling", async () => {
    const { graph, outputs } = readLayersModel(saved.model, saved.weights);
    const onnx = encodeModel(importTensorFlow(graph, { outputs: { logits: outputs[0]! } }));
    const folder = await folderWith("transformers", {
      "onnx/model.onnx": onnx,
      "config.json": json({ model_type: "vit", id2label: { 10: "k", 0: "a", 2: "c" } }),
      "preprocessor_config.json": json({ size: { height: 8, width: 8 }, image_mean: [0.5, 0.4, 0.3], image_std: [0.5, 0.25, 0.2] }),
    });
    const network = await openForeignNetwork(folder);
    expect(network).toMatchObject({ labels: ["a", "c", "k"], activation: "none" });
    expect(network.input).toMatchObject({ width: 8, height: 8, fit: "stretch" });
    for (const [index, value] of [127.5, 102, 76.5].entries()) expect(network.input.mean![index]).toBeCloseTo(value);
    for (const [index, value] of [127.5, 63.75, 51].entries()) expect(network.input.standardDeviation![index]).toBeCloseTo(value);
    expect(await furthestScore(network)).toBeLessThan(1e-5);
  });

  describe("a transformers.js folder that cuts a middle out of the resized picture", () => {
    const folderThat = async (name: string, preprocessor: object, config: object = {}): Promise<ForeignNetwork> => {
      const { graph, outputs } = readLayersModel(saved.model, saved.weights);
      const onnx = encodeModel(importTensorFlow(graph, { outputs: { logits: outputs[0]! } }));
      const settings = json({ image_mean: [0, 0, 0], image_std: [1, 1, 1], ...preprocessor });
      return openForeignNetwork(
        await folderWith(name, { "onnx/model.onnx": onnx, "config.json": json(config), "preprocessor_config.json": settings }),
      );
    };
    const cut = { do_center_crop: true, crop_size: { height: size, width: size } };

    test.each([
      ["by its shorter side", { size: { shortest_edge: size + 3 } }, "middle"],
      ["by one number, as CLIP takes it", { size: size + 3, feature_extractor_type: "CLIPFeatureExtractor" }, "middle"],
      ["by one number, as DeiT takes it", { size: size + 3, image_processor_type: "DeiTImageProcessorFast" }, "stretch"],
      ["by one number", { size: size + 3 }, "stretch"],
      ["pressed into its size", { size: { height: size + 3, width: size + 3 } }, "stretch"],
    ])("%s is seen there alone", async (name, whole, fit) => {
      const network = await folderThat(`cut ${name}`, { ...whole, ...cut });
      expect(network.input).toMatchObject({ width: size + 3, height: size + 3, fit });
      expect(network.graph.inputs[0]!.shape.slice(2)).toEqual([size + 3, size + 3]);
      const pictures = randomPicture([2, size + 3, size + 3, 3]);
      // Of three pixels one is left out above and left, two below and right.
      const middle = tf.tidy(() => {
        const whole4 = tf.tensor4d(Float32Array.from(pictures.data), [2, size + 3, size + 3, 3]);
        return Float32Array.from(whole4.slice([0, 1, 1, 0], [2, size, size, 3]).dataSync());
      });
      const expected = predictByTensorFlow(model, float32Tensor([2, size, size, 3], middle));
      const actual = await scoresOf(network, pictures);
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
    });

    test.each([
      ["a ResNet by one number", { size: 224, image_processor_type: "ConvNextImageProcessor" }, 256, 224, "middle"],
      [
        "a ConvNeXt by its own share",
        { size: { shortest_edge: 224 }, crop_pct: 0.95, feature_extractor_type: "ConvNextFeatureExtractor" },
        235,
        224,
        "middle",
      ],
      ["a large ConvNeXt", { size: { shortest_edge: 384 }, image_processor_type: "ConvNextImageProcessorFast" }, 384, undefined, "stretch"],
      ["a LeViT", { size: 192, image_processor_type: "LevitImageProcessor", do_center_crop: true, crop_size: 192 }, 219, 192, "middle"],
      [
        "a PoolFormer",
        { size: 224, image_processor_type: "PoolFormerImageProcessor", do_center_crop: true, crop_size: 224 },
        248,
        224,
        "middle",
      ],
      [
        "a PoolFormer that is told no share",
        { size: 230, crop_pct: null, image_processor_type: "PoolFormerImageProcessor", do_center_crop: true, crop_size: 224 },
        230,
        224,
        "middle",
      ],
    ] as const)("as its processor enlarges it: %s", async (name, settings, whole, middle, fit) => {
      const { input, graph } = await folderThat(`as ${name}`, settings);
      expect(input).toMatchObject({ width: whole, height: whole, fit });
      const ends = graph.nodes.filter(({ op }) => op === "Slice").map(({ inputs }) => graph.initializers.get(inputs[2]!)!);
      const begin = middle === undefined ? undefined : (whole - middle) >> 1;
      expect(ends.map(({ data }) => Array.from(data, Number))).toEqual(begin === undefined ? [] : [[begin + middle!, begin + middle!]]);
    });

    test.each([
      ["clip", "middle"],
      ["resnet", "middle"],
      ["vit", "stretch"],
    ])("by the kind of model, where no processor is named: %s", async (model_type, fit) => {
      expect((await folderThat(`kind ${model_type}`, { size }, { model_type })).input.fit).toBe(fit);
    });

    const asEfficientNet = { size: { height: size, width: size }, image_processor_type: "EfficientNetImageProcessor" };
    // Deviations whose squares are those of ImageNet, as the files of these networks have them.
    const roots = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225].map(Math.sqrt) };
    test.each([
      ["which divides twice", { ...asEfficientNet, ...roots }, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
      [
        "which divides twice, by the kind of model",
        { ...asEfficientNet, ...roots, image_processor_type: undefined },
        [0.485, 0.456, 0.406],
        [0.229, 0.224, 0.225],
      ],
      ["that is told not to", { ...asEfficientNet, ...roots, include_top: false }, roots.image_mean, roots.image_std],
      ["that divides without a mean", { ...asEfficientNet, ...roots, do_normalize: false }, [0, 0, 0], roots.image_std],
      [
        "that takes 1 off first",
        { ...asEfficientNet, image_mean: [0, 0.5, 0], image_std: [1, 1, 2], rescale_factor: 2 / 255, rescale_offset: true },
        [0.5, 0.75, 0.5],
        [0.5, 0.5, 2],
      ],
      [
        "of another class, which knows neither",
        { ...asEfficientNet, ...roots, image_processor_type: "ViTImageProcessor", include_top: true, rescale_offset: true },
        roots.image_mean,
        roots.image_std,
      ],
    ])("has the scale of an EfficientNet %s", async (name, settings, mean, deviation) => {
      const { input } = await folderThat(`efficientnet ${name}`, settings, { model_type: "efficientnet" });
      for (const [index, value] of mean.entries()) expect(input.mean![index]).toBeCloseTo(255 * value, 9);
      for (const [index, value] of deviation.entries()) expect(input.standardDeviation![index]).toBeCloseTo(255 * value, 9);
    });

    test("counts what is null as not written: the fast classes write all that they were not told", async () => {
      const unsaid = [
        "crop_size",
        "do_center_crop",
        "do_resize",
        "do_rescale",
        "rescale_factor",
        "do_normalize",
        "do_flip_channel_order",
        "include_top",
        "rescale_offset",
      ];
      const settings = {
        size: { height: size, width: size, shortest_edge: null },
        ...Object.fromEntries(unsaid.map((name) => [name, null])),
      };
      const { input } = await folderThat("nulls", { ...settings, image_processor_type: "ViTImageProcessorFast" });
      expect(input).toMatchObject({
        width: size,
        height: size,
        fit: "stretch",
        colour: "rgb",
        mean: [0, 0, 0],
        standardDeviation: [255, 255, 255],
      });
      await expect(folderThat("null means", { ...settings, image_mean: null, image_std: null })).resolves.toMatchObject({
        input: { width: size },
      });
    });

    test("comes blue first for MobileViT, and as it is", async () => {
      const { mean, standardDeviation, colour, fit } = (
        await folderThat("mobilevit", {
          size: { shortest_edge: size },
          image_processor_type: "MobileViTImageProcessor",
          image_mean: undefined,
          image_std: undefined,
        })
      ).input;
      expect({ mean, standardDeviation, colour, fit }).toEqual({
        mean: [0, 0, 0],
        standardDeviation: [255, 255, 255],
        colour: "bgr",
        fit: "middle",
      });
    });

    test("stays as it is where all of it is seen, and is refused where more is", async () => {
      const { graph, input } = await folderThat("cut nothing", { size: { shortest_edge: size }, ...cut });
      expect([input.fit, graph.nodes.some(({ op }) => op === "Slice")]).toEqual(["middle", false]);
      await expect(folderThat("cut more", { size: { shortest_edge: size - 1 }, ...cut })).rejects.toMatchObject({
        code: "TF_GRAPH_UNSUPPORTED_OP",
        message: expect.stringContaining(`cuts ${size} x ${size} pixels out of ${size - 1} x ${size - 1}`),
      });
    });
  });

  test("what retrain.py wrote in 2016 takes its pictures as the network did that it began with", async () => {
    const path = join(root, "output_graph.pb");
    await writeFile(path, writeRetrainedGraphDef());
    const network = await openForeignNetwork(path);
    expect(network).toMatchObject({ name: "output_graph", activation: "none", output: "final_result" });
    expect(network.input).toMatchObject({ width: 299, height: 299, colour: "rgb", mean: [128, 128, 128] });
    expect(network.graph.inputs).toEqual([{ name: "input", type: "float32", shape: ["N", 3, 299, 299] }]);
    expect(network.graph.nodes.find(({ op }) => op === "Gemm")?.inputs[0]).toBe(network.features);
    // As TensorFlow names tensors.
    const named = await openForeignNetwork(path, { inputNode: "Mul:0", outputNode: "final_result:0" });
    expect([named.input, named.graph.nodes]).toEqual([
      network.input,
      network.graph.nodes.map((node) => expect.objectContaining({ op: node.op }) as unknown),
    ]);
    for (const asked of [{ outputNode: "final_result:1" }, { inputNode: "Mul:1" }])
      await expect(openForeignNetwork(path, asked)).rejects.toMatchObject({
        code: "TF_GRAPH_UNSUPPORTED_OP",
        message: expect.stringContaining(`"${Object.values(asked)[0]}"`) as string,
        hint: expect.stringContaining("Name the node") as string,
      });
  });

  test("an ONNX file alone", async () => {
    const { graph, outputs } = readLayersModel(saved.model, saved.weights);
    const path = join(root, "alone.onnx");
    await writeFile(path, encodeModel(importTensorFlow(graph, { outputs: { logits: outputs[0]! } })));
    expect(await furthestScore(await openForeignNetwork(path))).toBeLessThan(1e-5);
  });
});

describe("an ONNX file of an older opset", () => {
  const file = (op: string, sizes: readonly Dimension[] = [4, 4]): Uint8Array => {
    const old: Graph = { name: "old", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": 11 } };
    const b = createGraphBuilder("old", old);
    // Before 13 this is a softmax over channels, rows and columns at once.
    const shares = b.op(op, [b.input("pixels", ["N", 3, ...sizes])], { axis: { kind: "int", value: 1 } });
    const matrix = b.constant(
      float32Tensor(
        [48, 2],
        Float32Array.from({ length: 96 }, (_, index) => Math.sin(index)),
      ),
    );
    b.output(b.op("Gemm", [b.op("Flatten", [shares]), matrix]), ["N", 2], { name: "scores" });
    return encodeModel(b.build());
  };

  test("means what it meant, also as a model of ours", async () => {
    const path = join(root, "old.onnx");
    await writeFile(path, file("Softmax"));
    const network = await openForeignNetwork(path);
    expect(network.conversion).toBeDefined();
    const runtime = createNodeRuntime();
    await verifyConversion(runtime, network.conversion!, { width: 4, height: 4 });
    const { graph } = describeForeignModel(network, {
      id: "old",
      task: "hats",
      labels: ["hat", "none"],
      input: { mean: [0], standardDeviation: [255], fit: "stretch" },
    });
    const random = createRandom(2);
    const data = Float32Array.from({ length: 96 }, () => random.normal());
    const answers: number[][] = [];
    for (const bytes of [await readFile(path), encodeModel(graph)]) {
      await using session = await runtime.load(bytes);
      const outputs = await session.run({ [session.inputs[0]!.name]: float32Tensor([2, 3, 4, 4], data) });
      answers.push(Array.from(Object.values(outputs)[0]!.data, Number));
    }
    for (const [index, value] of answers[0]!.entries()) expect(answers[1]![index]).toBeCloseTo(value, 6);
  });

  test("is compared at the size that it sees, where that is a middle of the picture", async () => {
    const folder = await folderWith("old-middle", {
      "model.onnx": file("Softmax", ["height", "width"]),
      "config.json": json({ id2label: { 0: "hat", 1: "none" } }),
      "preprocessor_config.json": json({
        size: { shortest_edge: 6 },
        do_center_crop: true,
        crop_size: { height: 4, width: 4 },
        image_mean: [0, 0, 0],
        image_std: [1, 1, 1],
      }),
    });
    const model = await importForeignModel(folder, { id: "old-middle", task: "hats" });
    expect([model.manifest.input.width, model.conversion === undefined]).toEqual([6, false]);
    await checkImport(model, createNodeRuntime());
  });

  test("is refused by name where it has no form in the current one", async () => {
    const path = join(root, "unknown.onnx");
    await writeFile(path, file("Frobnicate"));
    await expect(openForeignNetwork(path)).rejects.toMatchObject({
      code: "TF_GRAPH_UNSUPPORTED_OP",
      message: expect.stringContaining("Frobnicate"),
    });
  });
});

describe("what is refused", () => {
  const refused = async (path: string): Promise<unknown> => openForeignNetwork(path).catch((error: unknown) => error);

  test.each([
    ["nothing there", async () => join(root, "nowhere"), "TF_MODEL_NOT_FOUND", "there is no"],
    ["an empty folder", async () => folderWith("empty", { "readme.txt": "" }), "TF_MODEL_NOT_FOUND", "neither model.json"],
    [
      "another kind of file",
      async () => join(await folderWith("text", { "a.txt": "x" }), "a.txt"),
      "TF_MODEL_NOT_FOUND",
      "no network of a kind",
    ],
    ["a model.json that is not JSON", async () => folderWith("nojson", { "model.json": "{" }), "TF_GRAPH_INVALID", "is not JSON"],
    ["weights that are missing", async () => folderWith("missing", { "model.json": modelJson() }), "TF_INPUT_NOT_FOUND", "weights.bin"],
    [
      "weights outside of the folder",
      async () => folderWith("outside", { "model.json": modelJson(["../layers/weights.bin"]) }),
      "TF_GRAPH_INVALID",
      "outside of the model's folder",
    ],
    [
      "weights that are cut off",
      async () => folderWith("cut", { "model.json": modelJson(), "weights.bin": saved.weights.slice(0, -8) }),
      "TF_GRAPH_INVALID",
      "the weights end inside",
    ],
    ["a text file called .pb", async () => join(await folderWith("pb", { "a.pb": "hello" }), "a.pb"), "TF_GRAPH_INVALID", ""],
    [
      "an empty .pb",
      async () => join(await folderWith("pb0", { "a.pb": "" }), "a.pb"),
      "TF_GRAPH_INVALID",
      "is no frozen TensorFlow graph: it has no nodes",
    ],
    [
      "a text file called .h5",
      async () => join(await folderWith("h5", { "a.h5": "hello" }), "a.h5"),
      "TF_GRAPH_INVALID",
      "is no HDF5 file",
    ],
    [
      "a Keras file that is cut off",
      async () => {
        const path = await writeKeras("cut.h5");
        await writeFile(path, (await readFile(path)).subarray(0, 1500));
        return path;
      },
      "TF_GRAPH_INVALID",
      "damaged HDF5 file",
    ],
    [
      "a zip that is cut off",
      async () => join(await folderWith("keras", { "a.keras": "PK\u0003\u0004" }), "a.keras"),
      "TF_GRAPH_INVALID",
      "damaged zip",
    ],
    [
      "a zip of something else",
      async () => join(await folderWith("zip", { "a.keras": zipSync({ "a.txt": Uint8Array.of(1) }) }), "a.keras"),
      "TF_GRAPH_INVALID",
      "a zip without config.json",
    ],
    [
      "a layer without a rule in a zipped Keras file",
      async () =>
        writeArchive("odd.keras", saved.model as Json, (layer) =>
          layer["class_name"] === "ReLU" ? { ...layer, class_name: "Telescope" } : layer,
        ),
      "TF_GRAPH_UNSUPPORTED_OP",
      "(Telescope)",
    ],
    [
      "a Keras file of weights alone",
      async () => writeKeras("weights.h5", (file) => file.delete_attribute("model_config")),
      "TF_GRAPH_INVALID",
      "weights without the network",
    ],
    [
      "a folder without its network",
      async () => folderWith("nonet", { "config.json": "{}", "preprocessor_config.json": "{}" }),
      "TF_INPUT_NOT_FOUND",
      "has none of",
    ],
  ] as const)("%s", async (_, prepare, code, message) => {
    expect(await refused(await prepare())).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
