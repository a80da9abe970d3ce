import { describe, expect, test } from "vitest";
import { float32Tensor, type Tensor } from "../../core/index.ts";
import { attribute, createGraphBuilder, decodeModel, encodeModel, externalFiles, type Graph, withExternalData } from "../index.ts";
import { expandConstants } from "../optimize/index.ts";
import { unpackConstants, unpackedFile } from "./index.ts";

const shape = [64, 64] as const;
const count = 64 * 64;

/** A few values in many places, as weights of 8 bits are. */
const listed = float32Tensor(
  shape,
  Float32Array.from({ length: count }, (_, index) => Math.fround((index % 255) / 7 - 11)),
);
/** Values of half precision, too many for a list. */
const halved = float32Tensor(
  shape,
  Float32Array.from({ length: count }, (_, index) => (index % 1999) / 1024 - 0.5),
);
const plain = float32Tensor(
  shape,
  Float32Array.from({ length: count }, (_, index) => Math.sin(index)),
);

function product(constants: Readonly<Record<string, Tensor>>): Graph {
  const builder = createGraphBuilder("product");
  let value = builder.input("x", ["N", 64]);
  for (const [name, tensor] of Object.entries(constants)) value = builder.op("MatMul", [value, builder.constant(tensor, name)]);
  builder.output(builder.op("Relu", [value]), ["N", 64], { name: "y" });
  return builder.build();
}

function whole(bytes: Uint8Array): Graph {
  const unpacked = unpackConstants(bytes)!;
  expect(externalFiles(unpacked.bytes)).toEqual([unpackedFile]);
  return decodeModel(withExternalData(unpacked.bytes, new Map([[unpackedFile, unpacked.weights]])));
}

describe("constants that are kept in fewer bytes", () => {
  const packed = encodeModel(product({ listed, halved, plain }), { compact: true, metadata: { of: "a test" } });

  test("are written out bit by bit, and nothing else of the graph changes", () => {
    const before = expandConstants(decodeModel(packed));
    const after = whole(packed);
    expect(after.nodes).toEqual(before.nodes);
    expect(after.initializers).toEqual(before.initializers);
    expect({ ...after, nodes: [], initializers: [] }).toEqual({ ...before, nodes: [], initializers: [] });
  });

  test("leave no operation behind that made them", () => {
    const { operations, weights } = unpackConstants(packed)!;
    expect(operations).toEqual(new Set(["MatMul", "Relu", "Identity"]));
    expect(weights.length).toBe(2 * count * 4);
  });

  test("that something else uses too stay for it", () => {
    const graph = decodeModel(packed);
    const codes = [...graph.initializers].find(([, { type }]) => type === "uint8")![0];
    const wide = graph.nodes.find(({ inputs }) => inputs[0] === codes)!.outputs[0]!;
    const nodes = [...graph.nodes, { name: "again", op: "Cast", inputs: [wide], outputs: ["z"], attributes: { to: attribute.int(1) } }];
    const used = { ...graph, nodes, outputs: [...graph.outputs, { name: "z", type: "float32" as const, shape: [64, 64] }] };
    const after = whole(encodeModel(used));
    expect(after.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(["Cast", "MatMul", "Relu"]));
    expect(after.initializers.get("listed")).toEqual(listed);
    expect(after.initializers.has(codes)).toBe(true);
  });
});

test("a file with plain constants, and one with a code behind its list, are left to the engine", () => {
  expect(unpackConstants(encodeModel(product({ plain })))).toBeUndefined();
  const graph = decodeModel(encodeModel(product({ listed }), { compact: true }));
  const values = [...graph.initializers].find(([, { type, shape: of }]) => type === "float32" && of.length === 1)![0];
  const shorter = new Map(graph.initializers).set(values, float32Tensor([3], Float32Array.of(1, 2, 3)));
  expect(unpackConstants(encodeModel({ ...graph, initializers: shorter }))).toBeUndefined();
});

test("a table of rows, of which a code picks a whole one, is left to the engine", () => {
  const builder = createGraphBuilder("rows");
  const table = builder.constant(float32Tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)), "table");
  const codes = builder.constant({ type: "uint8", shape: [2], data: Uint8Array.of(0, 2) }, "codes");
  const rows = builder.op("Gather", [table, builder.op("Cast", [codes], { to: attribute.int(6) })]);
  builder.output(builder.op("MatMul", [builder.input("x", ["N", 2]), rows]), ["N", 2], { name: "y" });
  expect(unpackConstants(encodeModel(builder.build()))).toBeUndefined();
});

test("bytes that are no file of a network are told", () => {
  expect(() => unpackConstants(Uint8Array.of(0x3a, 0x7f, 1))).toThrow(expect.objectContaining({ code: "TF_GRAPH_INVALID" }));
});
