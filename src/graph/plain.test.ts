import { expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { createGraphBuilder } from "./builder.ts";
import { encodeModel } from "./encode.ts";
import { plainGraph } from "./plain.ts";

/** As exporters write "no limit": the outermost numbers that float32 has. */
const outermost = (2 - 2 ** -23) * 2 ** 127;

test.each([
  ["no lower limit", -outermost, 0.5],
  ["no upper limit", -0.5, outermost],
  ["no limit", -outermost, outermost],
  ["limits beyond all numbers", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ["two limits", -0.5, 0.5],
])("Clip that is written with %s answers the same in a plain file", async (_, low, high) => {
  const builder = createGraphBuilder("limits");
  const limits = [low, high].map((limit) => builder.scalar(limit));
  builder.output(builder.op("Clip", [builder.input("x", ["N"]), ...limits]), ["N"], { name: "y" });
  const plain = plainGraph(builder.build());
  expect(plain.nodes.map(({ op }) => op)).not.toContain("Clip");
  await using session = await createNodeRuntime().load(encodeModel(plain));
  const { y } = await session.run({ x: float32Tensor([4], Float32Array.of(-2, -0.25, 0.25, 2)) });
  expect(Array.from(y!.data, Number)).toEqual([-2, -0.25, 0.25, 2].map((value) => Math.min(Math.max(value, low), high)));
});
