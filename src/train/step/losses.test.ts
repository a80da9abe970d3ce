import { describe, expect, test } from "vitest";
import { createRandom, float32Tensor, softmax } from "../../core/index.ts";
import { createGraphBuilder, encodeModel } from "../../graph/index.ts";
import { differentiate } from "../../graph/gradients/differentiate.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { lowerLoss } from "./losses.ts";

const runtime = createNodeRuntime();
const [batch, classes] = [4, 6];

/** The mass loss of each row and the gradient of their sum, for logits and masks `[batch, classes]`. */
async function massLoss(logits: readonly number[], masks: readonly number[]) {
  const builder = createGraphBuilder("mass");
  const [z, m] = [builder.input("z", [batch, classes]), builder.input("m", [batch, classes])];
  const rows = lowerLoss({ kind: "mass", name: "age", head: "age" }, { logits: z, target: m, classes }, builder);
  builder.output(rows, [batch], { name: "rows" });
  builder.output(builder.op("ReduceSum", [rows, builder.integers([0])], {}), [1], { name: "sum" });
  const { graph, gradients } = differentiate(builder.build(), "sum", ["z"]);
  const withGradient = createGraphBuilder("check", graph);
  withGradient.output(gradients.get("z")!, [batch, classes], { name: "dz" });
  await using session = await runtime.load(encodeModel(withGradient.build()));
  const tensor = (values: readonly number[]) => float32Tensor([batch, classes], Float32Array.from(values));
  const { rows: losses, dz } = await session.run({ z: tensor(logits), m: tensor(masks) });
  return { losses: Array.from(losses!.data, Number), gradient: Array.from(dz!.data, Number) };
}

const random = createRandom(5);
const logits = Array.from({ length: batch * classes }, () => 2 * random.normal());
const expected = (z: readonly number[], masks: readonly number[]): number[] =>
  Array.from({ length: batch }, (_, row) => {
    const probabilities = softmax(z.slice(row * classes, (row + 1) * classes));
    return -Math.log(probabilities.reduce((sum, p, k) => sum + p * masks[row * classes + k]!, 0));
  });

/** Two groups: 0..2 and 2..4, alone and mixed 0.7 to 0.3; the last row is no group at all. */
const groups = [1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0];
const mixed = [0.7, 0.7, 1, 0.3, 0.3, 0];

describe("the mass loss", () => {
  test("of masks of 0 and 1 is minus the logarithm of the probability inside", async () => {
    const masks = [...groups, ...groups];
    const { losses } = await massLoss(logits, masks);
    for (const [row, loss] of expected(logits, masks).entries()) expect(losses[row]).toBeCloseTo(loss, 5);
  });

  test("weighs the probability of a class by its share of a mixed mask", async () => {
    const masks = [...groups, ...mixed, ...mixed];
    const { losses, gradient } = await massLoss(logits, masks);
    for (const [row, loss] of expected(logits, masks).entries()) expect(losses[row]).toBeCloseTo(loss, 5);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    for (const index of logits.keys()) {
      const moved = (by: number): number => sum(expected(logits.with(index, logits[index]! + by), masks));
      expect(gradient[index]).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 4);
    }
  });

  test("stays finite without a group, and far outside of one", async () => {
    const far = logits.with(5, 300);
    const { losses, gradient } = await massLoss(far, [...groups, ...Array.from({ length: 2 * classes }, () => 0)]);
    expect(losses[0]).toBeCloseTo(300 - Math.log(far.slice(0, 3).reduce((sum, z) => sum + Math.exp(z), 0)), 3);
    expect([...losses, ...gradient].every(Number.isFinite)).toBe(true);
  });
});
