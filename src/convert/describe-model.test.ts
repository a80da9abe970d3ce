import { describe, expect, test } from "vitest";
import { float32Tensor } from "../core/index.ts";
import { createGraphBuilder, encodeModel } from "../graph/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { describeForeignModel } from "./describe-model.ts";
import type { ForeignNetwork } from "./index.ts";

function network(known: Partial<ForeignNetwork> = {}): ForeignNetwork {
  const builder = createGraphBuilder("net");
  const input = builder.input("pixels", ["batch", 3, 4, 4]);
  const weights = builder.constant({ type: "float32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, "scores");
  const logits = builder.op("Gemm", [builder.op("Flatten", [builder.op("GlobalAveragePool", [input])]), weights]);
  const output = builder.output(logits, ["batch", 2]);
  return {
    format: "ONNX file",
    name: "My Model (1)",
    graph: builder.build(),
    output,
    features: undefined,
    input: {},
    labels: undefined,
    activation: "softmax",
    licence: undefined,
    ...known,
  };
}

const answers = {
  labels: ["glasses", "none"],
  input: { width: 4, height: 4, mean: [127.5], standardDeviation: [127.5] },
} as const;

describe("a network of somebody else's", () => {
  test("becomes a head that sees whole pictures", () => {
    const { manifest, graph } = describeForeignModel(network(), answers);
    expect(manifest).toMatchObject({
      id: "my-model-1",
      sees: "picture",
      fit: "stretch",
      input: { name: "input", width: 4, height: 4, colour: "rgb", mean: [127.5, 127.5, 127.5] },
      outputs: [{ task: "my-model-1", kind: "classes", output: "scores", activation: "softmax", labels: ["glasses", "none"] }],
      provenance: { licence: "not stated" },
    });
    expect(graph.inputs).toEqual([{ name: "input", type: "float32", shape: ["N", 3, 4, 4] }]);
    expect(graph.outputs).toEqual([{ name: "scores", type: "float32", shape: ["N", 2] }]);
  });

  test("scores that stand in maps of one pixel, as SqueezeNet's do, are scores", async () => {
    const builder = createGraphBuilder("net");
    const kernel = builder.constant({ type: "float32", shape: [2, 3, 1, 1], data: Float32Array.of(1, 3, 5, 2, 4, 6) }, "classes");
    const maps = builder.op("Conv", [builder.op("GlobalAveragePool", [builder.input("pixels", ["batch", 3, 4, 4])]), kernel]);
    const output = builder.output(maps, ["batch", 2, 1, 1], { name: "maps" });
    const { graph, manifest } = describeForeignModel(network({ graph: builder.build(), output }), answers);
    expect(manifest.outputs[0]).toMatchObject({ output: "scores", labels: ["glasses", "none"] });
    await using session = await createNodeRuntime().load(encodeModel(graph));
    const pixels = Float32Array.from({ length: 96 }, (_, index) => Math.floor(index / 16) % 3);
    const { scores } = await session.run({ input: float32Tensor([2, 3, 4, 4], pixels) });
    expect(scores).toMatchObject({ shape: [2, 2], data: Float32Array.of(13, 16, 13, 16) });
    const wide = network({ graph: { ...graph, outputs: [{ name: "scores", type: "float32", shape: ["N", 2, 1, 3] }] }, output: "scores" });
    expect(() => describeForeignModel(wide, answers)).toThrow("it ends in maps of [2, 1, 3]");
  });

  test("everything that is missing is asked for at once", () => {
    const describing = (): unknown => describeForeignModel(network());
    for (const flag of ["--labels", "--size", "--scale"]) expect(describing).toThrow(flag);
    expect(describing).toThrow(expect.objectContaining({ code: "TF_INVALID_ARGUMENT" }));
  });

  test("what its files say is not asked for, and what is told counts more", () => {
    const known = network({ labels: ["a", "b"], input: { ...answers.input, fit: "middle" } });
    expect(describeForeignModel(known).manifest).toMatchObject({ fit: "middle", outputs: [{ labels: ["a", "b"] }] });
    expect(describeForeignModel(known, { labels: ["c", "d"], id: "mine", task: "hat" }).manifest).toMatchObject({
      id: "mine",
      outputs: [{ task: "hat", labels: ["c", "d"] }],
    });
  });

  test("tags of logits are each a probability by itself", () => {
    const { manifest } = describeForeignModel(network(), { ...answers, kind: "tags" });
    expect(manifest.outputs[0]).toMatchObject({ kind: "tags", activation: "sigmoid" });
  });

  test.each([
    ["another number of labels", { ...answers, labels: ["a", "b", "c"] }, "the network has 2 scores, but 3 labels are told: a, b, c"],
    ["two labels that differ in case", { ...answers, labels: ["Hat", "hat"] }, "differ in case"],
    ["an id that is none", { ...answers, id: "My Model" }, "id"],
    ["one number of scaling too few", { ...answers, input: { ...answers.input, mean: [1, 2] } }, "as many means"],
  ])("%s is refused", (_, given, message) => {
    expect(() => describeForeignModel(network(), given)).toThrow(
      expect.objectContaining({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});
