import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRandom, float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel } from "../graph/index.ts";
import { cacheFolder, describeProcessor, openPreparedNetworks, type PreparedNetworks } from "./prepared.node.ts";
import type { NetworkSource } from "./runtime.ts";
import { createNodeRuntime } from "./runtime.node.ts";

const sha256 = "a".repeat(64);
const nonsense = new Uint8Array([1, 2, 3]);
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "prepared-"));
});
afterEach(async () => rm(cache, { recursive: true, force: true }));

/** A convolution, whose weights the engine lays out anew. */
function convolution(): Uint8Array {
  const random = createRandom(1);
  const builder = createGraphBuilder("convolution");
  const weights = builder.constant(
    float32Tensor(
      [16, 16, 3, 3],
      Float32Array.from({ length: 2304 }, () => random.normal()),
    ),
  );
  const result = builder.op("Conv", [builder.input("x", ["N", 16, 8, 8]), weights], { pads: attribute.ints([1, 1, 1, 1]) });
  builder.output(builder.op("Relu", [result]), ["N", 16, 8, 8], { name: "y" });
  return encodeModel(builder.build());
}

/** Two residual blocks for maps of any size. */
function residualBlocks(): Uint8Array {
  const random = createRandom(1);
  const builder = createGraphBuilder("residual blocks");
  const weights = (): string =>
    builder.constant(
      float32Tensor(
        [16, 16, 3, 3],
        Float32Array.from({ length: 2304 }, () => random.normal() / 16),
      ),
    );
  const convolve = (x: string): string => builder.op("Conv", [x, weights()], { pads: attribute.ints([1, 1, 1, 1]) });
  const block = (x: string): string => builder.op("Relu", [builder.op("Add", [convolve(builder.op("Relu", [convolve(x)])), x])]);
  const begin = builder.op("Relu", [convolve(builder.input("x", ["N", 16, "height", "width"]))]);
  builder.output(block(block(begin)), ["N", 16, "height", "width"], { name: "y" });
  return encodeModel(builder.build());
}

async function answer(model: NetworkSource, name?: string): Promise<Float32Array> {
  await using session = await createNodeRuntime({ cache }).load(model, { sha256: name });
  const x = float32Tensor([2, 16, 8, 8], new Float32Array(2048).fill(0.5));
  const { y } = await session.run({ x });
  return Float32Array.from(y!.data, Number);
}

/** Keeps a few bytes under a name, in place of what the engine writes. */
async function keepSmall(prepared: PreparedNetworks, name: string): Promise<void> {
  const preparation = (await prepared.begin(name))!;
  const { optimizedModelFilePath } = preparation.settings;
  for (const path of [optimizedModelFilePath, join(optimizedModelFilePath, "..", "weights.bin")]) await writeFile(path, "x");
  await preparation.keep();
}

/** Entries are kept after the session was given. */
async function waitForEntry(): Promise<string> {
  await expect.poll(async () => readdir(cache), { timeout: 20_000 }).toEqual([expect.stringMatching(/^tensorface-[0-9a-f]{32}$/)]);
  return join(cache, (await readdir(cache))[0]!);
}

test("a network that was made ready once is not read again, and answers the same", async () => {
  const plain = await answer(convolution());
  expect(await readdir(cache)).toEqual([]);
  expect(await answer(convolution(), sha256)).toEqual(plain);
  await waitForEntry();
  expect(await answer(nonsense, sha256)).toEqual(plain);
  await expect(answer(nonsense, "b".repeat(64))).rejects.toThrow(expect.objectContaining({ code: "TF_MODEL_INVALID" }));
});

test("the file of a network is asked for once, and not at all where it was made ready", async () => {
  const read = vi.fn<() => Promise<Uint8Array>>(async () => convolution());
  const plain = await answer(read, sha256);
  expect(read).toHaveBeenCalledOnce();
  await waitForEntry();
  expect(await answer(read, sha256)).toEqual(plain);
  expect(read).toHaveBeenCalledOnce();
  await expect(answer(async () => Promise.reject(new TypeError("no disk")), "b".repeat(64))).rejects.toThrow("no disk");
});

test("sums of maps of any size are kept as of one size, and answers stay the same to the bit at every size", async () => {
  const maps = [[1, 8, 8] as const, [3, 5, 12] as const].map(([count, height, width]) => {
    const random = createRandom(2);
    const numbers = Float32Array.from({ length: count * 16 * height * width }, () => random.normal());
    return float32Tensor([count, 16, height, width], numbers);
  });
  const answers = async (model: Uint8Array, name?: string): Promise<unknown[]> => {
    await using session = await createNodeRuntime({ cache }).load(model, { sha256: name, variedSizes: true });
    return Promise.all(maps.map(async (x) => (await session.run({ x }))["y"]));
  };
  const plain = await answers(residualBlocks());
  expect(await answers(residualBlocks(), sha256)).toEqual(plain);
  const kept = await readFile(join(await waitForEntry(), "network.onnx"), "latin1");
  expect(kept).toContain("sum 0, 3");
  expect(kept).not.toContain("sum 1, 3");
  expect(await answers(nonsense, sha256)).toEqual(plain);
});

test.each(["network.onnx", "weights.bin", "seal.json"])("where %s was changed, the network is made ready anew", async (file) => {
  const plain = await answer(convolution(), sha256);
  const entry = await waitForEntry();
  await appendFile(join(entry, file), "x");
  expect(await answer(convolution(), sha256)).toEqual(plain);
  await vi.waitFor(async () => expect(await answer(nonsense, sha256)).toEqual(plain), { timeout: 20_000, interval: 100 });
  expect(await readdir(cache)).toHaveLength(1);
});

test("without a place to keep it, it is loaded as it came", async () => {
  await rm(cache, { recursive: true });
  await writeFile(cache, "a file");
  expect(await answer(convolution(), sha256)).toHaveLength(2048);
});

test("another processor and another engine have networks of their own", async () => {
  await answer(convolution(), sha256);
  await waitForEntry();
  const engine = `onnxruntime-node ${createNodeRuntime().version}`;
  expect(await openPreparedNetworks(cache, engine).find(sha256)).toContain(cache);
  expect(await openPreparedNetworks(cache, "another").find(sha256)).toBeUndefined();
  expect(await openPreparedNetworks(cache, engine, `${describeProcessor()} avx1024`).find(sha256)).toBeUndefined();
});

test("only those are kept that were used last", async () => {
  const prepared = openPreparedNetworks(cache, "engine");
  for (let index = 0; index < 26; index++) await keepSmall(prepared, String(index));
  expect(await readdir(cache)).toHaveLength(24);
  expect(await prepared.find("0")).toBeUndefined();
  expect(await prepared.find("25")).toBeDefined();
});

test("nothing is removed of what somebody else keeps in the folder", async () => {
  const others = [...Array.from({ length: 30 }, (_, index) => `letters ${index}`), ".part-of-another", "d41d8cd98f00b204e9800998ecf8427e"];
  for (const name of others) {
    await mkdir(join(cache, name));
    await utimes(join(cache, name), 1, 1);
  }
  const prepared = openPreparedNetworks(cache, "engine");
  await keepSmall(prepared, "network");
  expect(await prepared.find("network")).toBeDefined();
  expect(await readdir(cache)).toEqual(expect.arrayContaining(others));
});

test("what a killed process left is removed after a while", async () => {
  const prepared = openPreparedNetworks(cache, "engine");
  await prepared.begin("killed");
  const [left] = await readdir(cache);
  await keepSmall(prepared, "first");
  expect(await readdir(cache)).toContain(left);
  await utimes(join(cache, left!), 1, 1);
  await keepSmall(prepared, "second");
  expect(await readdir(cache)).not.toContain(left);
});

test("a copy that knows times by the second only, as a layer of a container image, serves as well", async () => {
  const prepared = openPreparedNetworks(cache, "engine");
  await keepSmall(prepared, "network");
  const entry = dirname((await prepared.find("network"))!);
  for (const name of await readdir(entry)) {
    const seconds = Math.floor((await stat(join(entry, name))).mtimeMs / 1000);
    await utimes(join(entry, name), seconds, seconds);
  }
  expect(await prepared.find("network")).toBeDefined();
});

test("TENSORFACE_CACHE names the folder, or none", () => {
  expect(cacheFolder("/models", {})).toBe(join("/models", "prepared"));
  expect(cacheFolder("/models", { TENSORFACE_CACHE: "/elsewhere" })).toBe("/elsewhere");
  expect(cacheFolder("/models", { TENSORFACE_CACHE: "off" })).toBeUndefined();
});
