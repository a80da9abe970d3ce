import { beforeAll, describe, expect, test } from "vitest";
import { createRandom, elementCount, float32Tensor, type Float32Tensor } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, decodeModel, encodeModel, type Graph, plainGraph } from "../../src/graph/index.ts";
import { installedModelFolders, openModelFolders } from "../../src/models/models.node.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import {
  activation,
  averagePool,
  batchNorm,
  conv,
  dense,
  globalPool,
  maxPool,
  residual,
  squeezeExcite,
} from "../../src/train/network/layers.ts";
import { createNetwork, inferenceGraph, initialWeights } from "../../src/train/network/network.ts";
import { hasOpenCv, runInOpenCv } from "./opencv.ts";

/** Plain files: ONNX's own checker finds nothing wrong with them, and OpenCV 4.6 answers as ONNX Runtime does. */
const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "" && process.env["CI"] !== "false";
if (!hasOpenCv) console.log("plain files: skipped, since Debian's packages python3-opencv and python3-onnx are not installed");

test.runIf(isCi)("under CI OpenCV and ONNX's checker are there: a skip would hide a failure", () => {
  expect(hasOpenCv).toBe(true);
});

/** Largest difference of a number between the two engines, relative to the output's largest or 1. */
const tolerance = 1e-4;

const runtime = createNodeRuntime();

function draw(shape: readonly number[]): Float32Tensor {
  const random = createRandom(3);
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
  );
}

interface Case {
  readonly graph: Graph;
  readonly input: Float32Tensor;
}

/** For two pictures at once: what runs one only is no network for a folder of faces. */
const batch = 2;

/** Every layer that a training can have but squeeze and excitation, and that by itself. */
function trained(isExcited: boolean): Case {
  const functions = ["relu", "sigmoid", "gelu", "hardSwish", "silu", "prelu"] as const;
  const network = createNetwork(
    {
      input: { kind: "picture", channels: 3, height: 16, width: 16, mean: [127], standardDeviation: [64] },
      backbone: [
        conv(8, { bias: true }),
        batchNorm(),
        ...functions.map((name) => activation(name)),
        maxPool(),
        residual([conv(8), batchNorm(), ...(isExcited ? [squeezeExcite(2)] : [])]),
        averagePool({ kernel: 3, stride: 2, padding: 1 }),
        conv(8, { groups: "depthwise" }),
        globalPool(),
      ],
      heads: [
        { name: "gender", layers: [dense(2)] },
        { name: "mood", layers: [dense(6), batchNorm(), activation("gelu"), dense(7)] },
      ],
    },
    { seed: 5 },
  );
  // OpenCV multiplies maps by a number a channel for one picture only.
  return { graph: inferenceGraph(network, initialWeights(network)), input: draw([isExcited ? 1 : batch, 3, 16, 16]) };
}

function limits(low: number | undefined, high: number | undefined): Case {
  const b = createGraphBuilder("limits");
  const names = [low, high].map((limit) => (limit === undefined ? "" : b.scalar(limit)));
  b.output(b.op("Clip", [b.input("x", ["N", 40]), ...names]), ["N", 40], { name: "y" });
  return { graph: b.build(), input: draw([batch, 40]) };
}

function product(width: number, { transB, alpha, beta }: Readonly<Record<"transB" | "alpha" | "beta", number>>): Case {
  const b = createGraphBuilder("product");
  const matrix = b.constant(draw(transB === 1 ? [5, width] : [width, 5]));
  const attributes = { transB: attribute.int(transB), alpha: attribute.float(alpha), beta: attribute.float(beta) };
  b.output(b.op("Gemm", [b.input("x", ["N", width]), matrix, b.constant(draw([5]))], attributes), ["N", 5], { name: "y" });
  return { graph: b.build(), input: draw([batch, width]) };
}

function convolution(): Case {
  const b = createGraphBuilder("convolution");
  b.output(b.op("Conv", [b.input("x", ["N", 2, 5, 5]), b.constant(draw([3, 2, 3, 3]))]), ["N", 3, 3, 3], { name: "y" });
  return { graph: b.build(), input: draw([batch, 2, 5, 5]) };
}

function pool(op: "AveragePool" | "MaxPool", attributes: Readonly<Record<string, number | readonly number[]>>): Case {
  const b = createGraphBuilder("pool");
  const given = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === "number" ? attribute.int(value) : attribute.ints(value),
  ]);
  b.output(b.op(op, [b.input("x", ["N", 2, 5, 5])], Object.fromEntries(given)), ["N", 2, "height", "width"], { name: "y" });
  return { graph: b.build(), input: draw([batch, 2, 5, 5]) };
}

const padded = { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 1, 1, 0] };

const drawn: Readonly<Record<string, () => Case>> = {
  "every layer of a training": () => trained(false),
  "squeeze and excitation, one picture": () => trained(true),
  "limits on both sides": () => limits(0, 6),
  "limits around zero": () => limits(-1, 0.5),
  "a limit above": () => limits(undefined, 0.25),
  "a limit below": () => limits(0.25, undefined),
  "a square matrix": () => product(5, { transB: 0, alpha: 1, beta: 1 }),
  "a matrix with factors": () => product(7, { transB: 0, alpha: 0.5, beta: 2 }),
  "a transposed matrix with factors": () => product(7, { transB: 1, alpha: 0.5, beta: 2 }),
  "means that leave padding out": () => pool("AveragePool", padded),
  "means that count padding": () => pool("AveragePool", { ...padded, count_include_pad: 1 }),
  "extremes with padding": () => pool("MaxPool", padded),
  "extremes, rounded up": () => pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  "extremes, rounded up, with padding": () => pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 }),
  "means, rounded up, with padding": () => pool("AveragePool", { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 }),
  "a kernel whose size only the weights say": convolution,
};

describe.skipIf(!hasOpenCv)("a plain file in OpenCV", () => {
  const cases = new Map<string, Case>();
  const answers = new Map<string, Record<string, number[]>>();
  const heads: string[] = [];

  // One process for all: OpenCV takes longer to start than to answer.
  beforeAll(async () => {
    const store = openModelFolders(installedModelFolders());
    for (const manifest of await store.manifests()) {
      if (manifest.kind !== "head") continue;
      const { width, height, colour } = manifest.input;
      heads.push(manifest.id);
      cases.set(manifest.id, {
        graph: decodeModel(await store.read(manifest)),
        input: draw([batch, colour === "grey" ? 1 : 3, height, width]),
      });
    }
    for (const [name, make] of Object.entries(drawn)) cases.set(name, make());
    const requests = [...cases.values()].map(({ graph, input }) => ({
      bytes: encodeModel(plainGraph(graph)),
      input,
      outputs: graph.outputs.map(({ name }) => name),
    }));
    for (const [index, answer] of runInOpenCv(requests).entries()) answers.set([...cases.keys()][index]!, answer);
  }, 120_000);

  /** The largest difference of any output between the network in ONNX Runtime and its plain file in OpenCV. */
  const largestDifference = async (name: string): Promise<number> => {
    const { graph, input } = cases.get(name)!;
    await using session = await runtime.load(encodeModel(graph), { device: "cpu" });
    const expected = await session.run({ [graph.inputs[0]!.name]: input });
    let largest = 0;
    for (const [output, { data }] of Object.entries(expected)) {
      const numbers = Array.from(data, Number);
      const actual = answers.get(name)![output]!;
      expect(actual).toHaveLength(numbers.length);
      const scale = Math.max(1, ...numbers.map(Math.abs));
      largest = Math.max(largest, ...numbers.map((value, index) => Math.abs(value - actual[index]!) / scale));
    }
    return largest;
  };

  test("every installed head answers the same, for two faces at once", async () => {
    expect(heads.length).toBeGreaterThanOrEqual(2);
    for (const head of heads) expect(await largestDifference(head)).toBeLessThan(tolerance);
  });

  test.each(Object.keys(drawn))("%s", async (name) => {
    expect(await largestDifference(name)).toBeLessThan(tolerance);
  });

  test("has no codes, no half floats and no older or newer operations", () => {
    for (const head of heads) {
      const plain = decodeModel(encodeModel(plainGraph(cases.get(head)!.graph)));
      expect(plain.opsets).toEqual({ "": 13 });
      expect([...plain.initializers.values()].filter(({ type }) => type !== "float32" && type !== "int64")).toEqual([]);
      expect(plain.nodes.filter(({ op }) => op === "Gather" || op === "Cast")).toEqual([]);
    }
  });
});
