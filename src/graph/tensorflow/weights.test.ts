import { describe, expect, test } from "vitest";
import { readWeights } from "./weights.ts";

const group = (weights: readonly unknown[]): unknown => [{ paths: ["weights.bin"], weights }];

describe("weights of TensorFlow.js", () => {
  test("plain ones lie one behind the other", () => {
    const bytes = Buffer.concat([Buffer.from(Float32Array.of(1.5, -2).buffer), Buffer.from(Int32Array.of(-7).buffer), Buffer.from([1])]);
    const weights = readWeights(
      group([
        { name: "a", dtype: "float32", shape: [2] },
        { name: "b", dtype: "int32", shape: [] },
        { name: "c", dtype: "bool", shape: [1] },
      ]),
      bytes,
    );
    expect(weights.get("a")).toEqual({ type: "float32", shape: [2], data: Float32Array.of(1.5, -2) });
    expect(weights.get("b")).toEqual({ type: "int32", shape: [], data: Int32Array.of(-7) });
    expect(weights.get("c")).toEqual({ type: "bool", shape: [1], data: Uint8Array.of(1) });
  });

  test("quantised ones stand for scale times code plus minimum", () => {
    const quantization = { scale: 0.5, min: -1 };
    const weights = readWeights(
      group([
        { name: "bytes", dtype: "float32", shape: [2], quantization: { dtype: "uint8", ...quantization } },
        { name: "words", dtype: "float32", shape: [1], quantization: { dtype: "uint16", ...quantization } },
        { name: "whole", dtype: "int32", shape: [1], quantization: { dtype: "uint8", scale: 1, min: 3 } },
        { name: "halfs", dtype: "float32", shape: [2], quantization: { dtype: "float16" } },
      ]),
      Uint8Array.of(0, 255, 0x10, 0x27, 4, 0x00, 0x3c, 0x00, 0xc0),
    );
    expect(weights.get("bytes")!.data).toEqual(Float32Array.of(-1, 126.5));
    expect(weights.get("words")!.data).toEqual(Float32Array.of(10_000 * 0.5 - 1));
    expect(weights.get("whole")!.data).toEqual(Int32Array.of(7));
    expect(weights.get("halfs")!.data).toEqual(Float32Array.of(1, -2));
  });

  test("two of one name are refused: TensorFlow.js takes the later one for both", () => {
    const manifest = group([1, 2].map(() => ({ name: "dense/kernel", dtype: "float32", shape: [1] })));
    expect(() => readWeights(manifest, new Uint8Array(8))).toThrow(
      expect.objectContaining({ code: "TF_GRAPH_INVALID", message: expect.stringContaining('two weights are called "dense/kernel"') }),
    );
  });

  test("a file that is too short or too long is refused", () => {
    const manifest = group([{ name: "a", dtype: "float32", shape: [2] }]);
    expect(() => readWeights(manifest, new Uint8Array(7))).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
    expect(() => readWeights(manifest, new Uint8Array(9))).toThrow("expected 8 bytes, got 9");
    expect(() => readWeights({}, new Uint8Array())).toThrow("the weights manifest is not one");
  });
});
