import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClassicBackbone } from "../src/classic/backbone.node.ts";
import { writeInput } from "../src/classic/pixels.ts";
import { openForeignNetwork } from "../src/convert/index.ts";
import { createRandom, float32Tensor, type Tensor } from "../src/core/index.ts";
import { encodeModel, type Graph } from "../src/graph/index.ts";
import { importTensorFlow, readGraphDef } from "../src/graph/tensorflow/index.ts";
import { createNodeRuntime } from "../src/runtime/runtime.node.ts";
import { buildInception, writeInceptionGraphDef, writeOtherGraphDef } from "./support/inception-v3.ts";

/**
 * The whole Inception V3 as TensorFlow's file of 2015 has it, with weights drawn by chance, read back and compared with the same network
 * built here: 94 convolutions, 22 million weights. It takes long because it is the real size; in small, `graph-def.test.ts` has it.
 */

const minutes = 240_000;
let folder: string;
let bytes: Uint8Array;
const random = createRandom(4);
const picture = { width: 331, height: 250, data: Uint8Array.from({ length: 331 * 250 * 3 }, () => random.integer(256)) };
let expected: Record<string, Float32Array>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inception-"));
  bytes = writeInceptionGraphDef();
  await writeFile(join(folder, "classify_image_graph_def.pb"), bytes);
  expected = await run(buildInception(), { input: pixels(128, 128) });
}, minutes);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The picture as a network takes it. */
function pixels(mean: number, deviation: number): Tensor {
  const input = float32Tensor([1, 3, 299, 299]);
  writeInput(picture, { name: "", width: 299, height: 299, colour: "rgb", mean: [mean], standardDeviation: [deviation] }, input.data, 0);
  return input;
}

async function run(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Float32Array>> {
  await using session = await createNodeRuntime().load(encodeModel(graph));
  const results = await session.run(feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data, Number)]));
}

/** How far numbers are apart, as a share of how large they are. */
function difference(actual: Float32Array | undefined, wanted: Float32Array): number {
  expect(actual).toHaveLength(wanted.length);
  const length = (values: Iterable<number>): number => Math.hypot(...values);
  return length(wanted.map((value, index) => value - actual![index]!)) / length(wanted);
}

describe("classify_image_graph_def.pb", () => {
  test("gives the features of the same network built directly, fed with centred pixels at Mul", { timeout: minutes }, async () => {
    // Features that are all alike would compare well whatever happens.
    expect(new Set(expected["features"]).size).toBeGreaterThan(1500);
    const { graph, columns, key, input } = await openClassicBackbone({ architecture: "inception_v3", modelDir: folder });
    expect({ columns, key }).toEqual({ columns: 2048, key: "inception_v3" });
    expect(input).toMatchObject({ width: 299, height: 299, mean: [128, 128, 128], standardDeviation: [128, 128, 128] });
    const results = await run(graph, { [input.name]: pixels(128, 128) });
    expect(difference(Object.values(results)[0], expected["features"]!)).toBeLessThan(1e-4);
  });

  test("likewise fed with pixels of 0 to 255 at ResizeBilinear, up to its classes", { timeout: minutes }, async () => {
    const network = await openForeignNetwork(join(folder, "classify_image_graph_def.pb"), { inputNode: "ResizeBilinear" });
    expect(network.input).toMatchObject({ width: 299, height: 299, mean: [0, 0, 0], standardDeviation: [1, 1, 1] });
    const results = await run(network.graph, { [network.graph.inputs[0]!.name]: pixels(0, 1) });
    expect(difference(Object.values(results)[0], expected["softmax"]!)).toBeLessThan(1e-4);
  });

  test("likewise fed with the decoded picture, which it resizes as the classic way does", { timeout: minutes }, async () => {
    const graph = importTensorFlow(readGraphDef(bytes), { outputs: { features: "pool_3/_reshape" } });
    const { width, height, data } = picture;
    const results = await run(graph, { [graph.inputs[0]!.name]: { type: "uint8", shape: [height, width, 3], data } });
    expect(difference(results["features"], expected["features"]!)).toBeLessThan(1e-4);
  });

  test.each([
    ["a picture", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46)],
    ["text", new TextEncoder().encode("no graph at all")],
    ["nothing", new Uint8Array()],
    ["half of it", undefined],
  ])("%s under its name is no frozen graph", async (_name, content) => {
    const modelDir = await mkdtemp(join(folder, "other-"));
    await writeFile(join(modelDir, "classify_image_graph_def.pb"), content ?? bytes.subarray(0, 1_000_000));
    await expect(openClassicBackbone({ architecture: "inception_v3", modelDir })).rejects.toMatchObject({
      code: "TF_GRAPH_INVALID",
      message: expect.stringMatching(/classify_image_graph_def\.pb" is no frozen TensorFlow graph/),
      hint: expect.stringContaining("Copy the file again"),
    });
  });

  test("another network under its name is not taken for it", async () => {
    const modelDir = await mkdtemp(join(folder, "other-"));
    await writeFile(join(modelDir, "classify_image_graph_def.pb"), writeOtherGraphDef());
    await expect(openClassicBackbone({ architecture: "inception_v3", modelDir })).rejects.toMatchObject({
      code: "TF_GRAPH_INVALID",
      hint: expect.stringContaining("--backbone"),
    });
  });
});
