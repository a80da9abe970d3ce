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
const shapes: Readonly<Record<string, readonly number[]>> = { x: [3, 16, 9, 7], w: [32, 16, 3, 3], v: [16, 32, 1, 1], u: [16, 16, 3, 3] };

/** Three convolutions, one of them with stride 2, and the gradients of all. */
function gradientGraph(): Graph {
  const builder = createGraphBuilder("convolutions");
  const [x, w, v, u] = Object.entries(shapes).map(([name, shape]) => builder.input(name, shape));
  const window = (kernel: number, stride: number): Record<string, ReturnType<typeof attribute.ints>> => ({
    kernel_shape: attribute.ints([kernel, kernel]),
    strides: attribute.ints([stride, stride]),
    pads: attribute.ints(Array.from({ length: 4 }, () => (kernel - 1) / 2)),
  });
  const first = builder.op("Conv", [x!, w!], window(3, 1));
  const second = builder.op("Conv", [builder.op("Tanh", [first]), v!], window(1, 1));
  const third = builder.op("Conv", [second, u!], window(3, 2));
  const loss = builder.op("ReduceSumSquare", [third], { keepdims: attribute.int(0) });
  const { graph, gradients } = differentiate(builder.build(), loss, Object.keys(shapes));
  const outputs = createGraphBuilder("gradients", graph);
  for (const [name, value] of gradients) outputs.output(value, shapes[name]!, { name: `d${name}` });
  return outputs.build();
}

async function run(graph: Graph): Promise<Record<string, Float32Tensor>> {
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
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
  test("give the same gradients as plain ones", async () => {
    const block = await convolutionBlock(runtime);
    if (block === undefined) return;
    const plain = gradientGraph();
    const blocked = blockConvolutions(plain, block);
    expect(blocked.nodes.filter(({ op, domain }) => op === "Conv" && domain === "com.microsoft.nchwc")).toHaveLength(5);
    const [expected, actual] = [await run(plain), await run(blocked)];
    for (const name of Object.keys(expected)) {
      const largest = Math.max(...expected[name]!.data.map(Math.abs));
      const differences = expected[name]!.data.map((value, index) => Math.abs(value - actual[name]!.data[index]!) / largest);
      expect(Math.max(...differences)).toBeLessThan(1e-5);
    }
  });

  test("leave alone what does not fit", () => {
    expect(blockConvolutions(gradientGraph(), 64).nodes).toEqual(gradientGraph().nodes);
  });
});
