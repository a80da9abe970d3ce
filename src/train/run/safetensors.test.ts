import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTensorFaceError, type Tensor } from "../../core/index.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const tensors = new Map<string, Tensor>([
  ["weight", { type: "float32", shape: [2, 2], data: new Float32Array([1, -2, 0.5, Number.NaN]) }],
  ["bytes", { type: "uint8", shape: [3], data: new Uint8Array([1, 2, 255]) }],
  ["count", { type: "int64", shape: [], data: new BigInt64Array([-5n]) }],
  ["nothing", { type: "int32", shape: [0, 4], data: new Int32Array(0) }],
]);

describe("safetensors", () => {
  test("tensors and metadata survive, and equal content gives equal bytes", () => {
    const bytes = encodeSafetensors({ tensors, metadata: { seed: "7", note: "é" } });
    const decoded = decodeSafetensors(bytes);
    expect(decoded.metadata).toEqual({ seed: "7", note: "é" });
    expect(decoded.tensors).toEqual(tensors);
    expect(decodeSafetensors(Buffer.from(bytes)).tensors).toEqual(tensors);
    expect(encodeSafetensors({ tensors: new Map([...tensors].reverse()), metadata: { seed: "7", note: "é" } })).toEqual(bytes);
  });

  test("the bytes are those that the format's description shows", () => {
    const one = new Map<string, Tensor>([["t", { type: "float32", shape: [1], data: new Float32Array([1]) }]]);
    const bytes = encodeSafetensors({ tensors: one, metadata: {} });
    const header = '{"__metadata__":{},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(bytes[0]).toBe(Math.ceil(header.length / 8) * 8);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + header.length))).toBe(header);
    expect([...bytes.subarray(-4)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test("files that are cut off or lie are refused, never read past their end", () => {
    const bytes = encodeSafetensors({ tensors, metadata: {} });
    const refused = (file: Uint8Array): boolean => {
      try {
        decodeSafetensors(file);
        return false;
      } catch (error) {
        return isTensorFaceError(error, "TF_MODEL_INVALID");
      }
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => refused(bytes.subarray(0, length))));
    const wrongShape = new TextDecoder("latin1").decode(bytes).replace('"shape":[2,2]', '"shape":[2,3]');
    expect(refused(Uint8Array.from(wrongShape, (letter) => letter.codePointAt(0)!))).toBe(true);
    const wrongType = new TextDecoder("latin1").decode(bytes).replace("F32", "F99");
    expect(refused(Uint8Array.from(wrongType, (letter) => letter.codePointAt(0)!))).toBe(true);
  });
});
