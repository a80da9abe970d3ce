import { describe, expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { convolutionBlock } from "../../train/step/block-size.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder } from "../builder.ts";
import { encodeModel } from "../encode.ts";
import type { Graph } from "../model.ts";
import { blockConvolutions } from "./blocked-convolutions.ts";
import { differentiate } from "./differentiate.ts";

const runtime = createNodeRuntime();
const channels: Readonly<Record<string, readonly number[]>> = {
  w: [32, 3, 7, 7],
  v: [16, 32, 1, 1],
  u: [32, 16, 3, 3],
  t: [16, 32, 3, 3],
  s: [16, 16, 1, 1],
  r: [16, 16, 1, 1],
};
const shapesFor = (pictures: number): Readonly<Record<string, readonly number[]>> => ({ x: [pictures, 3, 31, 24], ...channels });

/** Windows of all kinds, of which some leave the last rows out, and the gradients of all. */
function gradientGraph(pictures: number, block?: number): Graph {
  const builder = createGraphBuilder("convolutions");
  const shapes = shapesFor(pictures);
  const [x, w, v, u, t, s, r] = Object.entries(shapes).map(([name, shape]) => builder.input(name, shape));
  const convolve = (value: string, weights: string, kernel: number, { stride = 1, dilation = 1, pads = [0, 0, 0, 0] } = {}): string =>
    builder.op("Conv", [value, weights], {
      kernel_shape: attribute.ints([kernel, kernel]),
      strides: attribute.ints([stride, stride]),
      dilations: attribute.ints([dilation, dilation]),
      pads: attribute.ints(pads),
    });
  const first = builder.op("Tanh", [convolve(x!, w!, 7, { stride: 2, pads: [3, 3, 3, 3] })]);
  const second = builder.op("Relu", [convolve(first, v!, 1)]);
  const third = convolve(second, u!, 3, { dilation: 2, pads: [1, 2, 1, 2] });
  const fourth = convolve(third, t!, 3, { stride: 2, pads: [0, 1, 0, 1] });
  const fifth = convolve(fourth, s!, 1, { stride: 2 });
  const sixth = convolve(fifth, r!, 1, { stride: 3 });
  const loss = builder.op("ReduceSumSquare", [sixth], { keepdims: attribute.int(0) });
  const { graph, gradients } = differentiate(builder.build(), loss, Object.keys(shapes), { block });
  const outputs = createGraphBuilder("gradients", graph);
  for (const [name, value] of gradients) outputs.output(value, shapes[name]!, { name: `d${name}` });
  return outputs.build();
}

const countIn = (domain: string | undefined, operation: string, { nodes }: Graph): number =>
  nodes.filter((node) => node.op === operation && (node.domain ?? "") === (domain ?? "")).length;

async function run(graph: Graph, pictures: number): Promise<Record<string, Float32Tensor>> {
  const feeds = Object.fromEntries(
    Object.entries(shapesFor(pictures)).map(([name, shape]) => {
      const random = createRandom(5).fork(name);
      return [
        name,
        float32Tensor(
          shape,
          Float32Array.from({ length: elementCount(shape) }, () => random.normal() / 4),
        ),
      ];
    }),
  );
  await using session = await runtime.load(encodeModel(graph), { device: "cpu" });
  return (await session.run(feeds)) as Record<string, Float32Tensor>;
}

describe("blocked convolutions", () => {
  test.for([16, 3])("give the same gradients of %i pictures as plain ones", async (pictures) => {
    const block = await convolutionBlock(runtime);
    if (block === undefined) return;
    const plain = gradientGraph(pictures);
    const blocked = blockConvolutions(gradientGraph(pictures, block), block);
    // Forward all six; towards the pictures four, since three colours fill no block and a stride of 3 spreads too far; towards weights, where pictures fill
    // blocks, all six.
    expect(countIn("com.microsoft.nchwc", "Conv", blocked)).toBe(pictures === 16 ? 16 : 10);
    expect(countIn(undefined, "ConvTranspose", blocked)).toBe(2);
    const [expected, actual] = [await run(plain, pictures), await run(blocked, pictures)];
    for (const name of Object.keys(expected)) {
      const largest = expected[name]!.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const differences = expected[name]!.data.map((value, index) => Math.abs(value - actual[name]!.data[index]!) / largest);
      expect(largest).toBeGreaterThan(0);
      expect(differences.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(1e-5);
    }
  });

  test("leave alone what does not fit", () => {
    expect(blockConvolutions(gradientGraph(16, 64), 64).nodes).toEqual(gradientGraph(16).nodes);
  });
});
