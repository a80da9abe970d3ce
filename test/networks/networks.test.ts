import type * as TensorFlow from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom, expectedYears, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { decodeSsd } from "../../src/detect/ssd-decoder.ts";
import { ssdPriors } from "../../src/detect/ssd-priors.ts";
import { letterboxTransform, warpToTensor } from "../../src/image/index.ts";
import { decode } from "../../src/image/decode.node.ts";
import { findModel, type ModelManifest } from "../../src/models/index.ts";
import { measuredModelFolders, openModelFolders } from "../../src/models/models.node.ts";
import type { InferenceSession } from "../../src/runtime/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { runAgeGender, runExpression, runGraphModel, runSsd, startTensorFlow } from "./reference.ts";

/** Issue 2: a converted network differs from the original by less than this. */
const tolerance = 1e-4;

const store = openModelFolders(measuredModelFolders());
let tf: typeof TensorFlow;
beforeAll(async () => {
  tf = await startTensorFlow();
});

/** A picture of noise, the portrait, and a batch of both: what the manifests' input makes of them. */
async function inputsFor({ input }: ModelManifest): Promise<readonly (readonly [string, Float32Tensor])[]> {
  const channels = input.colour === "grey" ? 1 : 3;
  const size = channels * input.height * input.width;
  const shape = [1, channels, input.height, input.width];
  const random = createRandom(7);
  const noise = Float32Array.from({ length: size }, (_, index) => {
    const channel = Math.floor(index / (input.height * input.width));
    return (255 * random.uniform() - input.mean[channel]!) / input.standardDeviation[channel]!;
  });
  const { image } = await decode("examples/astronaut.png");
  const portrait = new Float32Array(size);
  warpToTensor(image, letterboxTransform({ x: 0, y: 0, ...image }, input.width, input.height), { ...input, border: [0, 0, 0] }, portrait);
  return [
    ["noise", float32Tensor(shape, noise)],
    ["the portrait", float32Tensor(shape, portrait)],
  ];
}

/** The largest difference, of numbers larger than 1 relative to their size: float32 holds 7 digits whatever the unit. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (const [index, value] of expected.entries())
    largest = Math.max(largest, Math.abs(actual[index]! - value) / Math.max(1, Math.abs(value)));
  return largest;
}

type Original = (tf: typeof TensorFlow, input: Float32Tensor) => Promise<Readonly<Record<string, Float32Array>>>;

/** A graph model of TF.js, by the nodes that our outputs stand for. */
function graphModel(id: Parameters<typeof runGraphModel>[1], nodes: Readonly<Record<string, string>>): readonly [string, Original] {
  const original: Original = async (tf, input) => {
    const numbers = await runGraphModel(tf, id, input, Object.values(nodes));
    return Object.fromEntries(Object.keys(nodes).map((output, index) => [output, numbers[index]!]));
  };
  return [id, original];
}

const originals: readonly (readonly [string, Original])[] = [
  graphModel("blazeface", { scores16: "Identity", boxes16: "Identity_2", scores32: "Identity_1", boxes32: "Identity_3" }),
  graphModel("facemesh", { points: "Identity_2", presence: "Identity_1" }),
  graphModel("faceres", { age: "age_pred/Softmax", gender: "gender_pred/Sigmoid", features: "global_pooling/Mean" }),
  graphModel("emotion", { mood: "Identity" }),
  ["face-api-age-gender", runAgeGender],
  ["face-api-expression", runExpression],
];

describe.each(originals)("%s", (id, original) => {
  let manifest: ModelManifest;
  let session: InferenceSession;
  beforeAll(async () => {
    manifest = findModel(await store.manifests(), id);
    session = await createNodeRuntime().load(await store.read(manifest));
  });
  afterAll(async () => session.dispose());

  test("computes what the original computes", async () => {
    for (const [name, input] of await inputsFor(manifest)) {
      const actual = await session.run({ [manifest.input.name]: input });
      for (const [output, numbers] of Object.entries(await original(tf, input))) {
        expect(largestDifference(actual[output]!.data as Float32Array, numbers), `${output} of ${name}`).toBeLessThan(tolerance);
      }
    }
  });

  test("gives each picture of a batch what it gives it alone", async () => {
    const inputs = (await inputsFor(manifest)).map(([, input]) => input);
    const alone = await Promise.all(inputs.map(async (input) => session.run({ [manifest.input.name]: input })));
    const size = inputs[0]!.data.length;
    const batch = float32Tensor([2, ...inputs[0]!.shape.slice(1)]);
    for (const [index, { data }] of inputs.entries()) batch.data.set(data, index * size);
    const together = await session.run({ [manifest.input.name]: batch });
    for (const { name: output } of session.outputs) {
      const rows = together[output]!.data as Float32Array;
      const length = rows.length / inputs.length;
      for (const [index, results] of alone.entries()) {
        const row = rows.subarray(index * length, (index + 1) * length);
        expect(largestDifference(row, results[output]!.data as Float32Array)).toBeLessThan(1e-5);
      }
    }
  });
});

describe("ssd-mobilenet-v1", () => {
  test("computes what the original computes", async () => {
    const manifest = findModel(await store.manifests(), "ssd-mobilenet-v1");
    await using session = await createNodeRuntime().load(await store.read(manifest));
    for (const [name, input] of await inputsFor(manifest)) {
      const expected = await runSsd(tf, input);
      const results = await session.run({ [manifest.input.name]: input });
      const logits = results["scores"]!.data as Float32Array;
      const faces = decodeSsd(
        results["boxes"]!.data as Float32Array,
        logits,
        ssdPriors(manifest.input.width, manifest.input.height),
        Number.MIN_VALUE,
      );
      const side = manifest.input.width;
      const boxes = faces.flatMap(({ box: { x, y, width, height } }) => [y, x, y + height, x + width].map((value) => value / side));
      const scores = faces.map(({ score }) => score);
      expect(largestDifference(Float32Array.from(scores), expected.scores), `scores of ${name}`).toBeLessThan(tolerance);
      expect(largestDifference(Float32Array.from(boxes), expected.boxes), `boxes of ${name}`).toBeLessThan(tolerance);
    }
  });
});

test("the mean of face-api's age distribution is the number that it says", async () => {
  const manifest = findModel(await store.manifests(), "face-api-age-gender");
  await using session = await createNodeRuntime().load(await store.read(manifest));
  for (const [, input] of await inputsFor(manifest)) {
    const { age, years } = await session.run({ [manifest.input.name]: input });
    expect(expectedYears(age!.data as Float32Array)).toBeCloseTo(Number(years!.data[0]), 3);
  }
});
