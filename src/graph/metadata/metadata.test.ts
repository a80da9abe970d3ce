import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMetadata, withMetadata, withoutMetadata } from "./metadata.ts";
import { createGraphBuilder, decodeModel, encodeModel } from "../index.ts";

function smallModel(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const builder = createGraphBuilder("small");
  const input = builder.input("input", ["N", 3]);
  const weights = builder.constant({ type: "float32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  builder.output(builder.op("Gemm", [input, weights]), ["N", 2], { name: "out" });
  return encodeModel(builder.build(), { metadata });
}

describe("the metadata of an ONNX file", () => {
  test("what the encoder writes, which is protobufjs, is read; what is written, the decoder takes", () => {
    const pairs = { author: "ün", "": "empty key", long: "x".repeat(300) };
    expect(Object.fromEntries(readMetadata(smallModel(pairs)))).toMatchObject(pairs);
    const changed = withMetadata(smallModel({ a: "1", b: "2" }), { b: "3", c: "4" });
    expect(Object.fromEntries(readMetadata(changed))).toMatchObject({ a: "1", b: "3", c: "4" });
    expect(decodeModel(changed).nodes).toEqual(decodeModel(smallModel()).nodes);
    expect(withoutMetadata(changed, ["b", "c"])).toEqual(withoutMetadata(smallModel({ a: "1" }), ["b"]));
  });

  test("any pairs come back", () => {
    const pairs = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(pairs, (entries) => {
        const read = readMetadata(withMetadata(smallModel(), entries));
        for (const [key, value] of Object.entries(entries)) expect(read.get(key)).toBe(value);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["a text", new TextEncoder().encode("hello, I am no network")],
    ["a file that is cut off", smallModel({ a: "1" }).subarray(0, 20)],
    ["a number without an end", new Uint8Array(20).fill(0xff)],
    ["a field of the number 0", Uint8Array.of(0x02, 0x00)],
  ])("%s is refused", (_, bytes) => {
    expect(() => readMetadata(bytes)).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  });
});
