import { expect, test } from "vitest";
import { float32Tensor } from "../../core/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import { encodeModel } from "../encode.ts";
import type { Graph } from "../model.ts";
import { inferShapes } from "../shapes.ts";
import { readCurrent } from "../opsets/read-current.ts";

const runtime = createNodeRuntime();
const groups = 2;
const channels = 4;
const epsilon = 1e-3;

interface Written {
  readonly opset: number;
  readonly rest: readonly number[];
  /** Scale and bias are computed from the picture, in place of constants. */
  readonly isComputed?: boolean;
}

/** Values of each channel, or of each group. */
const affine = (opset: number): { readonly scale: readonly number[]; readonly bias: readonly number[] } =>
  opset >= 21 ? { scale: [1, 2, -1, 0.5], bias: [0, 1, 2, -3] } : { scale: [2, -1], bias: [1, -3] };

/** A network with a group norm between two other operations, as a file. */
function written({ opset, rest, isComputed = false }: Written): Uint8Array {
  const empty: Graph = { name: "norms", inputs: [], outputs: [], nodes: [], initializers: new Map(), opsets: { "": opset } };
  const builder: GraphBuilder = createGraphBuilder("norms", empty);
  const x = builder.input("x", ["N", channels, ...rest]);
  const zero = (): string => builder.op("Mul", [builder.op("ReduceMean", [x], { keepdims: attribute.int(0) }), builder.scalar(0)]);
  const given = (values: readonly number[]): string => {
    const constant = builder.constant(float32Tensor([values.length], Float32Array.from(values)));
    return isComputed ? builder.op("Add", [constant, zero()]) : constant;
  };
  const { scale, bias } = affine(opset);
  const attributes = { num_groups: attribute.int(groups), epsilon: attribute.float(epsilon) };
  const norm = builder.op("GroupNormalization", [builder.op("Identity", [x]), given(scale), given(bias)], attributes);
  builder.output(builder.op("Neg", [norm]), [], { name: "y" });
  const graph = builder.build();
  return encodeModel({ ...graph, outputs: graph.outputs.map(({ name, type }) => ({ name, type, shape: [], isShapeUnknown: true })) });
}

/** Bright and nearly even groups: around 1000, 300 and 10, the last one even. */
function pixels(batch: number, perChannel: number): Float32Array {
  const centres = [1000, 300, 10, 0.7];
  return Float32Array.from({ length: batch * channels * perChannel }, (_, index) => {
    const group = Math.floor(index / (perChannel * (channels / groups)));
    const centre = centres[group % centres.length]!;
    return group % centres.length === 3 ? centre : centre + 0.1 * Math.sin(index);
  });
}

/** In double precision, as the operation is defined. */
function expected(x: Float32Array, opset: number, perChannel: number): number[] {
  const { scale, bias } = affine(opset);
  const perGroup = perChannel * (channels / groups);
  return Array.from(x, (value, index) => {
    const group = Math.floor(index / perGroup);
    const members = Array.from(x.subarray(group * perGroup, (group + 1) * perGroup));
    const mean = members.reduce((sum, each) => sum + each, 0) / perGroup;
    const variance = members.reduce((sum, each) => sum + (each - mean) ** 2, 0) / perGroup;
    const place = opset >= 21 ? Math.floor(index / perChannel) % channels : group % groups;
    return -((scale[place]! * (value - mean)) / Math.sqrt(variance + epsilon) + bias[place]!);
  });
}

test.each<Written>([
  { opset: 18, rest: [6, 5] },
  { opset: 20, rest: [7] },
  { opset: 20, rest: [3, 4, 5], isComputed: true },
  { opset: 21, rest: [6, 5] },
  { opset: 21, rest: [3, 4, 5], isComputed: true },
  { opset: 22, rest: [7] },
])("bright, nearly even groups get the numbers that the operation says: %o", async (given) => {
  const perChannel = given.rest.reduce((product, size) => product * size, 1);
  const x = float32Tensor([2, channels, ...given.rest], pixels(2, perChannel));
  const { graph } = readCurrent(written(given));
  await using session = await runtime.load(encodeModel(graph), { device: "cpu" });
  const { y } = await session.run({ x });
  expect(y!.shape).toEqual(x.shape);
  const right = expected(x.data, given.opset, perChannel);
  for (const [index, value] of Array.from(y!.data, Number).entries()) expect(Math.abs(value - right[index]!)).toBeLessThan(0.02);
});

test("what the norm was called keeps its name and its shape", () => {
  const { graph, conversion } = readCurrent(written({ opset: 20, rest: [6, 5] }));
  expect(conversion).toBeUndefined();
  expect(graph.nodes.some(({ op }) => op === "GroupNormalization")).toBe(false);
  const fixed: Graph = { ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: [2, channels, 6, 5] })) };
  expect(inferShapes(fixed).get(graph.nodes.at(-1)!.inputs[0]!)?.shape).toEqual([2, channels, 6, 5]);
});

test("a norm without groups is refused", () => {
  const bytes = written({ opset: 20, rest: [7] });
  const name = new TextEncoder().encode("num_groups");
  const at = bytes.findIndex((_, start) => name.every((byte, index) => bytes[start + index] === byte));
  const renamed = new Uint8Array(bytes);
  renamed[at] = 120;
  expect(() => readCurrent(renamed)).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
});
