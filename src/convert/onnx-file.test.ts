import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withConstantsOutside } from "../../test/support/external-onnx.ts";
import { inHalfPrecision } from "../../test/support/half-onnx.ts";
import { createRandom, float32Tensor, type Float32Tensor } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel, type GraphBuilder } from "../graph/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { checkImport } from "./check-model.node.ts";
import { importForeignModel } from "./import-model.ts";
import { openForeignNetwork } from "./open.ts";

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
  {
    start = (_, picture) => picture,
    end,
  }: { start?: (b: GraphBuilder, picture: string) => string; end: (b: GraphBuilder, mean: string) => string },
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

const expected = (): Promise<Float32Array> =>
  answer(written(["N", 3, height, width], { end: (b, mean) => classes(b, b.op("Flatten", [mean])) }), pictures);

/** The largest difference of two lists of scores. */
function apart(actual: Float32Array, wanted: Float32Array): number {
  return Math.max(
    Math.abs(actual.length - wanted.length),
    ...wanted.map((value, index) => Math.abs(value - (actual[index] ?? Number.NaN))),
  );
}

describe("an ONNX file", () => {
  test("with its channels last, as Keras' exporters write it, says its size and answers", async () => {
    const bytes = written(["N", height, width, 3], { start: turned, end: (b, mean) => classes(b, b.op("Flatten", [mean])) });
    const { manifest, scores } = await imported("last", bytes);
    expect(manifest.input).toMatchObject({ width, height });
    expect(apart(scores, await expected())).toBeLessThan(1e-5);
  });

  test("says of free sizes that they are -1, as some exporters do, and answers", async () => {
    const b = createGraphBuilder("net");
    const mean = b.op("GlobalAveragePool", [b.op("Conv", [b.input("pixels", [-1, 3, -1, -1]), b.constant(filter)])]);
    b.output(classes(b, b.op("Flatten", [mean])), [-1, -1], { name: "logits" });
    const path = join(root, "minus.onnx");
    await writeFile(path, encodeModel(b.build()));
    const answers = { labels: ["a", "b"], input: { mean: [0], standardDeviation: [255] } };
    await expect(importForeignModel(path, answers)).rejects.toThrow("does not say the size of its pictures");
    const model = await importForeignModel(path, { ...answers, input: { ...answers.input, width, height } });
    await checkImport(model, runtime);
    expect(apart(await answer(model.bytes, pictures), await expected())).toBeLessThan(1e-5);
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
    expect(apart(scores, await expected())).toBeLessThan(1e-5);
  });

  test.for(["BatchNormalization", "Dropout"])("with %s in training mode is refused, since it answers anew in each run", async (op) => {
    const vector = (value: number): Float32Tensor => float32Tensor([6], new Float32Array(6).fill(value));
    const bytes = written(["N", 3, height, width], {
      end: (b, mean) => {
        const outputs =
          op === "Dropout"
            ? b.multi(op, 1, [mean, b.scalar(0.5), b.constant({ type: "bool", shape: [], data: Uint8Array.of(1) })])
            : b.multi(op, 3, [mean, ...[1, 0, 0, 1].map((value) => b.constant(vector(value)))], { training_mode: attribute.int(1) });
        return classes(b, b.op("Flatten", [outputs[0]!]));
      },
    });
    const refusal = {
      code: "TF_GRAPH_UNSUPPORTED_OP",
      message: expect.stringContaining("training mode"),
      hint: expect.stringContaining("model.eval()"),
    };
    await expect(imported(op, bytes)).rejects.toMatchObject(refusal);
  });

  test.for(["MatMul", "Gemm, transposed", "Gemm, bias"])(
    "with 8-bit weights that the engine would misread answers as it says: %s",
    async (kind) => {
      const [codes, steps, step, biasStep] = [[100, 50, 20, 60], [0.01, 0.1], 0.25, 0.5];
      const bias = kind === "Gemm, bias" ? [4, -6] : [0, 0];
      const bytes = written(["N", 3, height, width], {
        end: (b, mean) => {
          const scalar = (value: number): string => b.constant(float32Tensor([], Float32Array.of(value)));
          const code = [scalar(step), b.constant({ type: "uint8", shape: [], data: Uint8Array.of(128) })];
          const rounded = (value: string): string => b.op("DequantizeLinear", [b.op("QuantizeLinear", [value, ...code]), ...code]);
          const whole = b.constant({ type: "int8", shape: [2, 2], data: Int8Array.from(codes) });
          const zeros = b.constant({ type: "int8", shape: [2], data: new Int8Array(2) });
          const scales = b.constant(float32Tensor([2], Float32Array.from(steps)));
          const isBias = kind === "Gemm, bias";
          const weights = isBias
            ? b.op("DequantizeLinear", [whole, scalar(steps[0]!), b.constant({ type: "int8", shape: [], data: new Int8Array(1) })])
            : b.op("DequantizeLinear", [whole, scales, zeros], { axis: attribute.int(kind === "MatMul" ? 0 : 1) });
          const rows = rounded(classes(b, b.op("Flatten", [mean])));
          if (kind === "MatMul") return rounded(b.op("MatMul", [rows, weights]));
          if (!isBias) return rounded(b.op("Gemm", [rows, weights], { transB: attribute.int(1) }));
          const added = [b.constant({ type: "int32", shape: [2], data: Int32Array.from(bias) }), scalar(biasStep)];
          return rounded(b.op("Gemm", [rows, weights, b.op("DequantizeLinear", added)]));
        },
      });
      const { scores: rows } = await imported(
        "rows",
        written(["N", 3, height, width], { end: (b, mean) => classes(b, b.op("Flatten", [mean])) }),
      );
      const { scores } = await imported(kind, bytes);
      const weight = (row: number, column: number): number => {
        if (kind === "Gemm, bias") return codes[2 * row + column]! * steps[0]!;
        return kind === "MatMul" ? codes[2 * row + column]! * steps[row]! : codes[2 * column + row]! * steps[row]!;
      };
      for (let picture = 0; picture < 2; picture++)
        for (let column = 0; column < 2; column++) {
          const [first, second] = [0, 1].map((row) => Math.round(rows[2 * picture + row]! / step) * step * weight(row, column));
          expect(Math.abs(scores[2 * picture + column]! - (first! + second! + bias[column]! * biasStep))).toBeLessThanOrEqual(step);
        }
    },
  );

  test("that mixes pictures is refused before it is a model", async () => {
    const mixing = written(["N", 3, height, width], {
      end: (b, mean) => {
        const rows = classes(b, b.op("Flatten", [mean]));
        return b.op("Sub", [rows, b.op("ReduceMean", [rows, b.integers([0])])]);
      },
    });
    const stuck = written([1, 3, height, width], {
      end: (b, mean) =>
        classes(b, b.op("Reshape", [b.op("Transpose", [mean], { perm: attribute.ints([1, 0, 2, 3]) }), b.integers([1, 6])])),
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

  describe("of half precision", () => {
    const exact = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => ((index * 7) % 33) / 16 - 1);
    const [halfFilter, halfMatrix] = [float32Tensor([6, 3, 1, 1], exact(18)), float32Tensor([6, 2], exact(12))];
    const [toHalf, toSingle] = [10, 1].map((code) => ({ to: attribute.int(code) }));
    /** The same network, with casts where only its inside computes with halfs. */
    const network = (hasCasts: boolean, opset?: number): Uint8Array => {
      const b = createGraphBuilder("net");
      const input = b.input("pixels", ["N", 3, height, width]);
      const maps = b.op("Conv", [hasCasts ? b.op("Cast", [input], toHalf) : input, b.constant(halfFilter)]);
      const shift = b.op("Constant", [], { value: { kind: "tensor", value: float32Tensor([2], Float32Array.of(0.5, -0.25)) } });
      const scores = b.op("Add", [b.op("Gemm", [b.op("Flatten", [b.op("GlobalAveragePool", [maps])]), b.constant(halfMatrix)]), shift]);
      b.output(hasCasts ? b.op("Cast", [scores], toSingle) : scores, ["N", 2], { name: "logits" });
      return encodeModel({ ...b.build(), ...(opset !== undefined && { opsets: { "": opset } }) });
    };

    test.each<[string, Uint8Array]>([
      ["inside", inHalfPrecision(network(true))],
      ["from end to end", inHalfPrecision(network(false), { ends: true })],
      ["from end to end, of an older opset", inHalfPrecision(network(false, 13), { ends: true })],
    ])("%s is read as the same numbers in single precision", async (name, bytes) => {
      const { scores, manifest } = await imported(name.replaceAll(/\W+/g, "-"), bytes);
      expect(apart(scores, await answer(network(false), pictures))).toBeLessThan(1e-5);
      expect(manifest.input).toMatchObject({ width, height });
    });
  });

  describe("that keeps its numbers in another file", () => {
    const plain = written(["N", 3, height, width], { end: (b, mean) => classes(b, b.op("Flatten", [mean])) });
    const { file, data } = withConstantsOutside(plain, "outside.onnx.data");

    test("is read with that file, as the same network", async () => {
      await writeFile(join(root, "outside.onnx.data"), data);
      const { scores } = await imported("outside", file);
      expect(scores).toEqual(await answer(plain, pictures));
    });

    test("also those that its nodes hold", async () => {
      const constant = (b: GraphBuilder, value: Float32Tensor): string => b.op("Constant", [], { value: { kind: "tensor", value } });
      const end = (b: GraphBuilder, mean: string): string => b.op("Gemm", [b.op("Flatten", [mean]), constant(b, matrix)]);
      const half = withConstantsOutside(written(["N", 3, height, width], { end }), "nodes.data", { inNodes: true });
      expect(half.data.length).toBeGreaterThanOrEqual(filter.data.byteLength + matrix.data.byteLength);
      await writeFile(join(root, "nodes.data"), half.data);
      const { scores } = await imported("nodes", half.file);
      expect(scores).toEqual(await answer(plain, pictures));
    });

    test("or did before they were read into it again, is read without that file", async () => {
      const { file: whole } = withConstantsOutside(plain, "gone.data", { isBack: true });
      const { scores } = await imported("back", whole);
      expect(scores).toEqual(await answer(plain, pictures));
    });

    test("is read in a transformers.js folder too", async () => {
      const folder = join(root, "folder");
      await mkdir(join(folder, "onnx"), { recursive: true });
      const half = withConstantsOutside(plain, "model.onnx_data");
      await writeFile(join(folder, "onnx", "model.onnx"), half.file);
      await writeFile(join(folder, "onnx", "model.onnx_data"), half.data);
      await writeFile(join(folder, "config.json"), "{}");
      await writeFile(join(folder, "preprocessor_config.json"), "{}");
      const { graph } = await openForeignNetwork(folder);
      expect(await answer(encodeModel(graph), pictures)).toEqual(await answer(plain, pictures));
    });

    test.each<[string, string, Uint8Array | undefined, string, string]>([
      ["missing", "gone.data", undefined, "TF_INPUT_NOT_FOUND", "gone.data"],
      ["cut off", "cut.data", data.subarray(0, -4), "TF_GRAPH_INVALID", 'stand in "cut.data" from byte'],
      ["outside of its folder", "../outside.onnx.data", undefined, "TF_GRAPH_INVALID", "outside of the folder"],
    ])("is refused where that file is %s", async (name, location, content, code, message) => {
      if (content !== undefined) await writeFile(join(root, location), content);
      await expect(imported(name.replaceAll(" ", "-"), withConstantsOutside(plain, location).file)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    });
  });

  describe("of several outputs", () => {
    const several = (names: readonly string[]): Uint8Array => {
      const b = createGraphBuilder("net");
      const mean = b.op("Flatten", [
        b.op("GlobalAveragePool", [b.op("Conv", [b.input("pixels", ["N", 3, height, width]), b.constant(filter)])]),
      ]);
      b.output(mean, ["N", 6], { name: names[0]! });
      b.output(classes(b, mean), ["N", 2], { name: names[1]! });
      return encodeModel(b.build());
    };

    test("is asked which one gives the scores", async () => {
      await expect(imported("several", several(["features", "scores"]))).rejects.toMatchObject({
        code: "TF_INVALID_ARGUMENT",
        message: expect.stringContaining("features, scores"),
        hint: expect.stringContaining("--output-node"),
      });
      const path = join(root, "several.onnx");
      const model = await importForeignModel(
        path,
        { labels: ["a", "b"], input: { mean: [0], standardDeviation: [255] } },
        { outputNode: "scores" },
      );
      expect(apart(await answer(model.bytes, pictures), await expected())).toBeLessThan(1e-5);
      await expect(openForeignNetwork(path, { outputNode: "other" })).rejects.toThrow('no output "other", only features, scores');
    });

    test("is read by its logits, where they are called so", async () => {
      const { scores } = await imported("logits", several(["last_hidden_state", "logits"]));
      expect(apart(scores, await expected())).toBeLessThan(1e-5);
    });
  });
});
