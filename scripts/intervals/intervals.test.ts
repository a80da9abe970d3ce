import { expect, test } from "vitest";
import { ageCount, ageInterval, createRandom, float32Tensor, type Random, softmax } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, encodeModel, exposeFeatures } from "../../src/graph/index.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import { type AgedFace, fitTails } from "./fit.ts";
import { withTails } from "./graph.ts";
import { type TailLines, tailsOf } from "./tails.ts";

function bell(middle: number, deviation: number): number[] {
  const logits = Array.from({ length: ageCount }, (_, year) => -(((year - middle) / deviation) ** 2) / 2);
  return [...softmax(logits)];
}

/** Faces told with a deviation of 5 years: of the first set with an error of 3, of the second one of 5 and six years too young. Which set it is shows by and large. */
function drawnFaces(count: number, random: Random): AgedFace[] {
  return Array.from({ length: count }, (_, index) => {
    const set = index % 4 === 0 ? 1 : 0;
    const told = 25 + 40 * random.uniform();
    const age = Math.round(told + random.normal() * (set === 0 ? 3 : 5) + (set === 0 ? 0 : 6));
    const second = 1 / (1 + Math.exp(-(2.5 * (set === 1 ? 1 : -1) + 1.5 * random.normal())));
    const share = set === 1 ? 3 : 1;
    return { kinds: [1 - second, second], distribution: bell(told, 5), female: random.uniform(), age, set, share, weight: share };
  });
}

function heldBy(faces: readonly AgedFace[], tails: (face: AgedFace) => Parameters<typeof ageInterval>[1]): number[] {
  return [0, 1].map((set) => {
    const own = faces.filter((face) => face.set === set);
    const held = own.filter((face) => {
      const { low, high } = ageInterval(face.distribution, tails(face));
      return face.age >= low && face.age <= high;
    });
    return held.length / own.length;
  });
}

test("new faces of each set are held as often as the level says, where one share for all holds one set too often and the other too rarely", () => {
  const random = createRandom(3);
  const lines = fitTails(drawnFaces(4800, random));
  const others = drawnFaces(8000, random);
  const [easy, hard] = heldBy(others, () => 0.8);
  expect(easy).toBeGreaterThan(0.9);
  expect(hard).toBeLessThan(0.68);
  for (const share of heldBy(others, (face) => tailsOf(lines, face))) {
    expect(share).toBeGreaterThan(0.77);
    expect(share).toBeLessThan(0.84);
  }
});

test("the network tells what the lines say of each face's calibrated answers", async () => {
  const random = createRandom(5);
  const lines: TailLines = {
    below: [0.3, -0.2, 0.9, -1.1, 0.4, 0.8, -0.7],
    above: [-0.4, 0.5, -0.6, 0.8, 0.3, -0.9, 1.2],
    bias: [-1.4, -1.7],
  };
  const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.normal());
  const builder = createGraphBuilder("heads");
  const features = builder.op("Relu", [builder.input("picture", ["N", 6])]);
  const [ageWeights, genderWeights] = [numbers(ageCount * 6), numbers(12)];
  for (const [name, weights, size] of [
    ["age", ageWeights, ageCount],
    ["gender", genderWeights, 2],
  ] as const) {
    const layer = builder.op("Gemm", [features, builder.constant(float32Tensor([size, 6], weights))], { transB: attribute.int(1) });
    builder.output(layer, ["N", size], { name });
  }
  const kinds = { weights: numbers(12), bias: Float32Array.of(0.2, -0.3) };
  const plain = builder.build();
  const graph = withTails(plain, "tails", {
    features,
    age: { output: "age", temperature: 0.9 },
    gender: { output: "gender", temperature: 0.7, female: 1 },
    kinds,
    lines,
  });
  expect(exposeFeatures(graph, "features", ["age", "gender"])).toBeDefined();

  const faces = 5;
  const pictures = numbers(faces * 6);
  await using session = await createNodeRuntime().load(encodeModel(graph), { device: "cpu" });
  const answers = await session.run({ picture: float32Tensor([faces, 6], pictures) });
  const rowsOf = (name: string, width: number): number[][] =>
    Array.from({ length: faces }, (_, face) => Array.from(answers[name]!.data.slice(face * width, (face + 1) * width), Number));
  const tails = rowsOf("tails", 2);
  const genders = rowsOf("gender", 2);
  for (const [face, logits] of rowsOf("age", ageCount).entries()) {
    const seen = Array.from(pictures.slice(face * 6, (face + 1) * 6), (value) => Math.max(0, value));
    const kind = [0, 1].map((column) =>
      seen.reduce((sum, value, row) => sum + value * kinds.weights[row * 2 + column]!, kinds.bias[column]!),
    );
    const distribution = [...softmax(logits.map((logit) => logit / 0.9))];
    const female = softmax(genders[face]!.map((logit) => logit / 0.7))[1]!;
    const { below, above } = tailsOf(lines, { kinds: [...softmax(kind)], distribution, female });
    expect(tails[face]![0]).toBeCloseTo(below, 4);
    expect(tails[face]![1]).toBeCloseTo(above, 4);
  }
});
