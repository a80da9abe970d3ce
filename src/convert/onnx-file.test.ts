import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRandom, float32Tensor, type Float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel, type GraphBuilder } from "../graph/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { checkImport } from "./check-model.node.ts";
import { importForeignModel } from "./import-model.ts";

/** ONNX files as exporters of others write them, up to the model that answers. */
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "onnx-file-"));
});
afterAll(() => rm(root, { recursive: true }));

const runtime = createNodeRuntime();
const random = createRandom(3);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const [height, width] = [4, 5];
const filter = float32Tensor([6, 3, 1, 1], numbers(18));
const matrix = float32Tensor([6, 2], numbers(12));
const pictures = float32Tensor([2, 3, height, width], numbers(2 * 3 * height * width));

/** A network's file: a convolution of the picture, its mean, and what the case makes of `[N, 6, 1, 1]`. */
function written(
  shape: readonly (number | string)[],
  { start = (_, picture) => picture, end }: { start?: (b: GraphBuilder, picture: string) => string; end: (b: GraphBuilder, mean: string) => string },
): Uint8Array {
  const b = createGraphBuilder("net");
  const maps = b.op("Conv", [start(b, b.input("pixels", shape)), b.constant(filter)]);
  const scores = end(b, b.op("GlobalAveragePool", [maps]));
  b.output(scores, [shape[0]!, 2], { name: "logits" });
  return encodeModel(b.build());
}
const classes = (b: GraphBuilder, rows: string): string => b.op("Gemm", [rows, b.constant(matrix)]);
const turned = (b: GraphBuilder, picture: string): string => b.op("Transpose", [picture], { perm: attribute.ints([0, 3, 1, 2]) });

async function imported(name: string, bytes: Uint8Array): Promise<{ readonly manifest: HeadManifest; readonly scores: Float32Array }> {
  const path = join(root, `${name}.onnx`);
  await writeFile(path, bytes);
  const model = await importForeignModel(path, { labels: ["a", "b"], input: { mean: [0], standardDeviation: [255] } });
  await checkImport(model, runtime);
  return { manifest: model.manifest, scores: await answer(model.bytes, pictures) };
}

async function answer(bytes: Uint8Array, input: Float32Tensor): Promise<Float32Array> {
  await using session = await runtime.load(bytes);
  const outputs = await session.run({ [session.inputs[0]!.name]: input });
  return Float32Array.from(Object.values(outputs)[0]!.data, Number);
}

const expected = (): Promise<Float32Array> => answer(written(["N", 3, height, width], { end: (b, mean) => classes(b, b.op("Flatten", [mean])) }), pictures);

function expectClose(actual: Float32Array, wanted: Float32Array): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) expect(actual[index]).toBeCloseTo(value, 5);
}

describe("an ONNX file", () => {
  test("with its channels last, as Keras' exporters write it, says its size and answers", async () => {
    const bytes = written(["N", height, width, 3], { start: turned, end: (b, mean) => classes(b, b.op("Flatten", [mean])) });
    const { manifest, scores } = await imported("last", bytes);
    expect(manifest.input).toMatchObject({ width, height });
    expectClose(scores, await expected());
  });

  test.each<[string, (b: GraphBuilder, mean: string) => string]>([
    ["flattened to one row", (b, mean) => classes(b, b.op("Reshape", [mean, b.integers([1, -1])]))],
    ["written as one row of six", (b, mean) => classes(b, b.op("Reshape", [mean, b.integers([1, 6])]))],
    [
      "shaped by a node that is a constant",
      (b, mean) => {
        const shape = { type: "int64", shape: [2], data: BigInt64Array.of(1n, 6n) } as const;
        return classes(b, b.op("Reshape", [mean, b.op("Constant", [], { value: { kind: "tensor", value: shape } })]));
      },
    ],
  ])("that was exported for one picture takes several: %s", async (name, end) => {
    const { scores } = await imported(name.replaceAll(" ", "-"), written([1, 3, height, width], { end }));
    expectClose(scores, await expected());
  });

  test("that mixes pictures is refused before it is a model", async () => {
    const mixing = written(["N", 3, height, width], {
      end: (b, mean) => {
        const rows = classes(b, b.op("Flatten", [mean]));
        return b.op("Sub", [rows, b.op("ReduceMean", [rows, b.integers([0])])]);
      },
    });
    const stuck = written([1, 3, height, width], {
      end: (b, mean) => classes(b, b.op("Reshape", [b.op("Transpose", [mean], { perm: attribute.ints([1, 0, 2, 3]) }), b.integers([1, 6])])),
    });
    for (const [name, bytes] of [
      ["mixing", mixing],
      ["stuck", stuck],
    ] as const) {
      await expect(imported(name, bytes)).rejects.toMatchObject({
        code: "TF_MODEL_INVALID",
        message: expect.stringContaining("one picture at a time"),
      });
    }
  });
});
