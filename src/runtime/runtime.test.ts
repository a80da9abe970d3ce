import { readdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { float32Tensor, type Float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel, type Graph, type GraphBuilder } from "../graph/index.ts";
import { candidateDevices, loadOnFirst } from "./load.ts";
import { createBrowserRuntime, createQueue, startHint } from "./runtime.browser.ts";
import { createNodeRuntime } from "./runtime.node.ts";
import type { InferenceRuntime } from "./runtime.ts";

/** doubled = 2 x, flags = x > 0, rounded = x as int64. */
function arithmeticGraph(): Graph {
  const builder = createGraphBuilder("arithmetic");
  const x = builder.input("x", ["N", 3]);
  builder.output(builder.op("Mul", [x, builder.scalar(2)]), ["N", 3], { name: "doubled" });
  builder.output(builder.op("Greater", [x, builder.scalar(0)]), ["N", 3], { name: "flags", type: "bool" });
  builder.output(builder.op("Cast", [x], { to: attribute.int(7) }), ["N", 3], { name: "rounded", type: "int64" });
  return builder.build();
}

/** A constant as a vector. */
function vector(builder: GraphBuilder, ...values: readonly number[]): string {
  return builder.constant(float32Tensor([values.length], Float32Array.from(values)));
}

/** The identity in whole numbers of 8 bits. The norm keeps the engine's optimising on. */
function smallWeights(): Graph {
  const builder = createGraphBuilder("small");
  const ones = vector(builder, 1, 1);
  const zeros = vector(builder, 0, 0);
  const x = builder.op("BatchNormalization", [builder.input("x", ["N", 2]), ones, zeros, zeros, ones], { epsilon: attribute.float(0) });
  const codes = builder.constant({ type: "int8", shape: [2, 2], data: Int8Array.of(1, 0, 0, 1) });
  builder.output(builder.op("MatMul", [x, builder.op("DequantizeLinear", [codes, builder.scalar(1)])]), ["N", 2], { name: "y" });
  return builder.build();
}

/** A row and a column of zeros on each side, then the maximum of 3 x 3 pixels, every second. The norm keeps the engine's optimising on. */
function paddedPool(): Graph {
  const builder = createGraphBuilder("padded");
  const x = builder.input("x", [1, 1, 4, 4]);
  const [one, zero] = [vector(builder, 1), vector(builder, 0)];
  const normed = builder.op("BatchNormalization", [x, one, zero, zero, one], {
    epsilon: attribute.float(0),
  });
  const padded = builder.op("Pad", [normed, builder.integers([0, 0, 1, 1, 0, 0, 1, 1]), builder.scalar(0)]);
  const pooled = builder.op("MaxPool", [padded], { kernel_shape: attribute.ints([3, 3]), strides: attribute.ints([2, 2]) });
  builder.output(pooled, [1, 1, 2, 2], { name: "y" });
  return builder.build();
}

/** b where a is 1, else 0, in whole numbers: 1 / a cuts off. */
function firstOnly(): Graph {
  const builder = createGraphBuilder("whole");
  const a = builder.op("Cast", [builder.input("x", [3])], { to: attribute.int(7) });
  const inverse = builder.op("Div", [builder.integers([1]), a]);
  builder.output(builder.op("Mul", [inverse, builder.integers([6, 7, 8])]), [3], { name: "y", type: "int64" });
  return builder.build();
}

/** A product by the identity, turned over, its columns scaled by 1 and 10. */
function turnedNorm(): Graph {
  const builder = createGraphBuilder("turned");
  const identity = builder.constant(float32Tensor([2, 2], Float32Array.of(1, 0, 0, 1)));
  const product = builder.op("MatMul", [builder.input("x", [2, 2]), identity]);
  const turned = builder.op("Transpose", [product], { perm: attribute.ints([1, 0]) });
  const [zeros, ones] = [vector(builder, 0, 0), vector(builder, 1, 1)];
  const normed = builder.op("BatchNormalization", [turned, vector(builder, 1, 10), zeros, zeros, ones], { epsilon: attribute.float(0) });
  builder.output(normed, [2, 2], { name: "y" });
  return builder.build();
}

/** Two groups of two channels, by their mean and deviation. */
function groupNorm(): Graph {
  const builder = createGraphBuilder("groups", { ...createGraphBuilder("empty").build(), opsets: { "": 18 } });
  const scales = [vector(builder, 1, 1), vector(builder, 0, 0)];
  const attributes = { num_groups: attribute.int(2), epsilon: attribute.float(1e-3) };
  builder.output(builder.op("GroupNormalization", [builder.input("x", [1, 4, 3]), ...scales], attributes), [1, 4, 3], { name: "y" });
  return builder.build();
}

const model = encodeModel(arithmeticGraph());
const x = (): Float32Tensor => float32Tensor([1, 3], Float32Array.of(1, -2, 3));

// Both adapters run here: onnxruntime-web's WebAssembly also works in Node. A browser runs it in test/.
const runtimes: readonly [string, () => Promise<InferenceRuntime>][] = [
  ["onnxruntime-node", async () => createNodeRuntime()],
  ["onnxruntime-web", async () => createBrowserRuntime({ devices: ["wasm"] })],
];

describe.each(runtimes)("%s", (name, create) => {
  test("says what it is and what the network takes", async () => {
    const runtime = await create();
    expect(runtime.name).toBe(name);
    expect(runtime.version).toMatch(/^\d+\.\d+\.\d+/);
    await using session = await runtime.load(model);
    expect(runtime.devices[0]).toBe(session.device);
    expect(session.inputs).toEqual([{ name: "x", type: "float32", shape: ["N", 3] }]);
    expect(session.outputs.map(({ name, type }) => [name, type])).toEqual([
      ["doubled", "float32"],
      ["flags", "bool"],
      ["rounded", "int64"],
    ]);
  });

  test("zeros around a picture count in a pool of maxima, where the engine leaves them out if it may", async () => {
    await using session = await (await create()).load(encodeModel(paddedPool()));
    const { y } = await session.run({ x: float32Tensor([1, 1, 4, 4], new Float32Array(16).fill(-1)) });
    expect(Array.from(y!.data, Number)).toEqual([0, 0, 0, -1]);
  });

  test("whole numbers are divided before they are multiplied, which the engine would exchange", async () => {
    await using session = await (await create()).load(encodeModel(firstOnly()));
    const { y } = await session.run({ x: float32Tensor([3], Float32Array.of(1, 2, 5)) });
    expect(y!.data).toEqual(BigInt64Array.of(6n, 0n, 0n));
  });

  test("a norm of what was turned over scales its own columns, not those of the product", async () => {
    await using session = await (await create()).load(encodeModel(turnedNorm()));
    const { y } = await session.run({ x: float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4)) });
    expect(Array.from(y!.data, Number)).toEqual([1, 30, 2, 40]);
  });

  test("weights of 8 bits leave the other factor as it is, which the engine would round", async () => {
    await using session = await (await create()).load(encodeModel(smallWeights()));
    const { y } = await session.run({ x: float32Tensor([1, 2], Float32Array.of(100, 0.3)) });
    expect(Array.from(y!.data, Number)).toEqual([100, Math.fround(0.3)]);
  });

  test("gives all outputs, or those asked for", async () => {
    await using session = await (await create()).load(model);
    const all = await session.run({ x: x() });
    expect(all["doubled"]).toEqual(float32Tensor([1, 3], Float32Array.of(2, -4, 6)));
    expect(all["flags"]).toEqual({ type: "bool", shape: [1, 3], data: Uint8Array.of(1, 0, 1) });
    expect(all["rounded"]).toEqual({ type: "int64", shape: [1, 3], data: BigInt64Array.of(1n, -2n, 3n) });
    expect(Object.keys(await session.run({ x: x() }, ["flags"]))).toEqual(["flags"]);
  });

  test("writes into the tensors it is given", async () => {
    await using session = await (await create()).load(model);
    // A view into the middle of a larger buffer: what stands around it stays.
    const memory = new Float32Array(5).fill(7);
    const doubled = float32Tensor([1, 3], memory.subarray(1, 4));
    const rounded = { type: "int64", shape: [1, 3], data: new BigInt64Array(3) } as const;
    const outputs = await session.run({ x: x() }, { doubled, rounded, flags: null });
    expect(outputs["doubled"]).toBe(doubled);
    expect([...memory]).toEqual([7, 2, -4, 6, 7]);
    expect([...rounded.data]).toEqual([1n, -2n, 3n]);
    expect([...outputs["flags"]!.data]).toEqual([1, 0, 1]);
  });

  test("refuses tensors that contradict the network", async () => {
    await using session = await (await create()).load(model);
    const mismatch = expect.objectContaining({ code: "TF_SHAPE_MISMATCH" });
    await expect(session.run({ x: float32Tensor([1, 4]) })).rejects.toThrow('input "x" expects float32 [N, 3], got float32 [1, 4]');
    await expect(session.run({ x: float32Tensor([1, 3], new Float32Array(2)) })).rejects.toThrow("needs 3 elements, got 2");
    await expect(session.run({})).rejects.toThrow(mismatch);
    await expect(session.run({ x: x(), z: x() })).rejects.toThrow('no input "z"; its inputs are "x"');
    await expect(session.run({ x: x() }, ["z"])).rejects.toThrow(mismatch);
    await expect(session.run({ x: x() }, { doubled: float32Tensor([1, 9]) })).rejects.toThrow(mismatch);
  });

  test("runs many calls at once", async () => {
    await using session = await (await create()).load(model);
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        session.run({ x: float32Tensor([1, 3], new Float32Array(3).fill(index)) }, ["doubled"]),
      ),
    );
    expect(results.map(({ doubled }) => doubled!.data[0])).toEqual(Array.from({ length: 20 }, (_, index) => 2 * index));
  });

  test("lets running calls end before it releases the network, and refuses later ones", async () => {
    const session = await (await create()).load(model);
    const running = session.run({ x: x() }, ["doubled"]);
    await Promise.all([session.dispose(), session.dispose()]);
    expect((await running)["doubled"]!.data[0]).toBe(2);
    await expect(session.run({ x: x() })).rejects.toThrow(expect.objectContaining({ code: "TF_DISPOSED" }));
  });

  test("calls bytes that are no network by their name, and devices that are not there", async () => {
    const runtime = await create();
    await expect(runtime.load(Uint8Array.of(1, 2, 3))).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID" }));
    await expect(runtime.load(model, { device: "abacus" })).rejects.toThrow(expect.objectContaining({ code: "TF_DEVICE_UNAVAILABLE" }));
  });

  test("passes on what fails while the network runs", async () => {
    const builder = createGraphBuilder("failing");
    const list = builder.op("Reshape", [builder.input("x", ["N"]), builder.integers([2, 2])]);
    builder.output(list, [2, 2], { name: "y" });
    await using session = await (await create()).load(encodeModel(builder.build()));
    await expect(session.run({ x: float32Tensor([3]) })).rejects.toThrow(expect.objectContaining({ code: "TF_RUNTIME_FAILED" }));
  });
});

test("a browser's engine refuses group norms, with what to do: it takes their variance from a difference of large numbers", async () => {
  const expected = { code: "TF_MODEL_INVALID", hint: expect.stringContaining("tensorface models import") };
  const runtime = await createBrowserRuntime({ devices: ["wasm"] });
  await expect(runtime.load(encodeModel(groupNorm()))).rejects.toThrow(expect.objectContaining(expected));
});

describe("the native engine", () => {
  test("a bright, nearly even group is normed by its own deviation, which the engine takes from a difference of large numbers", async () => {
    const bytes = encodeModel(groupNorm());
    const around = (centre: number): number[] => [-1, 0, 1, -1, 0, 1].map((step) => centre + step / 8);
    const picture = float32Tensor([1, 4, 3], Float32Array.from([...around(1000), ...around(0)]));
    const step = 1 / 8 / Math.sqrt((2 / 3) * (1 / 64) + 1e-3);
    for (const source of [bytes, async () => bytes]) {
      await using session = await createNodeRuntime().load(source);
      const { y } = await session.run({ x: picture });
      for (const [index, value] of Array.from(y!.data, Number).entries()) expect(value).toBeCloseTo(((index % 3) - 1) * step, 2);
    }
  });

  test("a network whose group norms cannot be read is refused, with what to do", async () => {
    const graph = groupNorm();
    const bytes = encodeModel({ ...graph, nodes: [{ ...graph.nodes[0]!, attributes: {} }] });
    const expected = {
      code: "TF_MODEL_INVALID",
      message: expect.stringContaining("group norms"),
      hint: expect.stringContaining("opset below 18"),
    };
    await expect(createNodeRuntime().load(bytes)).rejects.toThrow(expect.objectContaining(expected));
  });

  test("reads feeds where they lie", async () => {
    const builder = createGraphBuilder("sum");
    builder.output(builder.op("ReduceSum", [builder.input("x", ["N"])], { keepdims: attribute.int(0) }, { name: "sum" }), []);
    await using session = await createNodeRuntime().load(encodeModel(builder.build()));
    const input = float32Tensor([3_000_000]);
    const before = process.memoryUsage().arrayBuffers;
    for (let step = 0; step < 5; step++) await session.run({ x: input });
    // A copy would have been 12 MB a step.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  test("writes a profile", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-profile-"));
    const session = await createNodeRuntime().load(model, { profile: join(folder, "run"), threads: 1 });
    await session.run({ x: x() });
    await session.dispose();
    expect((await readdir(folder)).some((file) => file.startsWith("run"))).toBe(true);
  });
});

test("a queue goes on after a failure, in order", async () => {
  const queue = createQueue();
  const order: number[] = [];
  const first = queue(async () => {
    order.push(1);
    throw new Error("first");
  });
  const second = queue(async () => order.push(2));
  await expect(first).rejects.toThrow("first");
  await second;
  expect(order).toEqual([1, 2]);
});

test.each([
  [["cpu", "webgpu"], "`cpu`"],
  [["webgpu", "wasm"], "`wasm`"],
])("of the devices %j, the hint names one that is there: %s", (devices, hint) => {
  const choose = (): unknown => candidateDevices(devices, "abacus");
  expect(choose).toThrow(expect.objectContaining({ code: "TF_DEVICE_UNAVAILABLE", hint: expect.stringContaining(hint) }));
});

test.each([
  ["WebAssembly.instantiate(): violates the following Content Security policy directive because 'unsafe-eval' is not", "wasm-unsafe-eval"],
  ["call to WebAssembly.instantiate() blocked by CSP", "wasm-unsafe-eval"],
  ["both async and sync fetching of the wasm failed", "wasmPaths"],
  ["Failed to fetch dynamically imported module: http://a/ort-wasm-simd-threaded.mjs", "wasmPaths"],
])("a browser's engine that does not start: %s", async (reason, said) => {
  const start = async (): Promise<never> => Promise.reject(new Error(`no available backend found. ERR: [wasm] ${reason}`));
  await expect(loadOnFirst(["webgpu", "wasm"], start, startHint)).rejects.toMatchObject({
    code: "TF_DEVICE_UNAVAILABLE",
    hint: expect.stringContaining(said),
  });
});
