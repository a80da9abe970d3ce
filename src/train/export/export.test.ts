import { expect, test } from "vitest";
import { createRandom, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { activation, conv, dense, globalPool } from "../network/layers.ts";
import { createNetwork, type Network } from "../network/network.ts";
import { exportQuantizedNetwork, shareAlike } from "./export.ts";

const [side, count] = [6, 40];

/** Pictures of another mean each. */
function drawBatch(): Float32Tensor {
  const random = createRandom(1);
  const means = Array.from({ length: count }, () => random.uniform());
  const data = Float32Array.from(
    { length: count * side * side },
    (_, index) => means[Math.floor(index / side / side)]! + 0.1 * random.uniform(),
  );
  return float32Tensor([count, 1, side, side], data);
}

/** Its number hangs on a map that stands beside one of a thousand times its size: with 8 bits for both nothing is left of it. */
function coarseNetwork(): { readonly network: Network; readonly weights: Map<string, Float32Tensor> } {
  const network = createNetwork({
    input: { kind: "picture", channels: 1, height: side, width: side, mean: [0], standardDeviation: [1] },
    backbone: [
      conv(2, { kernel: 1, padding: 0, bias: true }),
      activation("relu"),
      conv(1, { kernel: 1, padding: 0, bias: true }),
      globalPool(),
    ],
    heads: [{ name: "rating", layers: [dense(1)] }],
  });
  const values: Readonly<Record<string, readonly number[]>> = {
    "backbone.0.weight": [1000, 1],
    "backbone.0.bias": [0, 0],
    "backbone.2.weight": [0, 1],
    "backbone.2.bias": [0],
    "head.rating.0.weight": [1],
    "head.rating.0.bias": [10],
  };
  const weights = network.parameters.map(
    ({ name, initial: { shape } }) => [name, float32Tensor(shape, Float32Array.from(values[name]!))] as const,
  );
  return { network, weights: new Map(weights) };
}

test("8 bits that leave nothing of a number are refused", async () => {
  const { network, weights } = coarseNetwork();
  const exported = exportQuantizedNetwork(createNodeRuntime(), network, weights, {
    calibration: [drawBatch()],
    kinds: new Map([["rating", "number"]]),
  });
  await expect(exported).rejects.toMatchObject({ code: "TF_GRAPH_INVALID", message: expect.stringContaining("rating") });
});

test("what counts as the same answer depends on how a task is answered", () => {
  const same = (kind: Parameters<typeof shareAlike>[0], a: number[][], b: number[][]): number => shareAlike(kind, a, b);
  expect(
    same(
      "classes",
      [
        [1, 2],
        [3, 1],
      ],
      [
        [0, 9],
        [1, 2],
      ],
    ),
  ).toBe(0.5);
  expect(same("classes", [[1], [-1]], [[2], [3]])).toBe(0.5);
  expect(
    same(
      "tags",
      [
        [1, -2],
        [3, 1],
      ],
      [
        [2, -1],
        [3, -1],
      ],
    ),
  ).toBe(0.75);
  // Spread 1: a tenth of it may be missing.
  expect(same("number", [[10], [12]], [[10.05], [12.2]])).toBe(0.5);
  expect(same("number", [[10], [10]], [[10], [10]])).toBe(1);
});
