import { expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createGraphBuilder, decodeModel, encodeModel, readMetadata, withMetadata, withoutMetadata } from "./index.ts";

const builder = createGraphBuilder("added");
builder.output(builder.op("Add", [builder.input("x", ["N", 2]), builder.constant(float32Tensor([2], Float32Array.of(1, 2)))]), ["N", 2], {
  name: "y",
});
const file = encodeModel(builder.build(), { metadata: { made: "here", notes: "größer" } });

test("pairs are read without the graph", () => {
  expect([...readMetadata(file)]).toEqual([
    ["made", "here"],
    ["notes", "größer"],
  ]);
});

test("pairs take the place of those of the same key, and the network stays as it is", () => {
  const changed = withMetadata(file, { notes: "other", tensorface: '{"id":"a"}' });
  expect(Object.fromEntries(readMetadata(changed))).toEqual({ made: "here", notes: "other", tensorface: '{"id":"a"}' });
  expect(decodeModel(changed)).toEqual(decodeModel(file));
  expect(withMetadata(changed, { notes: "other", tensorface: '{"id":"a"}' })).toEqual(changed);
});

test("pairs are taken away byte by byte", () => {
  const changed = withMetadata(file, { extra: "1" });
  expect(withoutMetadata(changed, ["extra"])).toEqual(file);
  expect([...readMetadata(withoutMetadata(file, ["made", "notes"]))]).toEqual([]);
});

test.each([
  ["cut off", file.subarray(0, file.length - 3)],
  ["of something else", new TextEncoder().encode("<html>no model</html>")],
])("bytes that are %s are refused", (_, bytes) => {
  expect(() => readMetadata(bytes)).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
  expect(() => withMetadata(bytes, { a: "b" })).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
});
