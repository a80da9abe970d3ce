import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compareCurves, type Curve } from "./curve.ts";

/** The script looks for recipes from the repository's root. */
const root = fileURLToPath(new URL("..", import.meta.url));

const curve: Curve = {
  schema: "tensorface.curve/1",
  recipe: "mood",
  processor: "AMD EPYC",
  onnxRuntime: "1.30.0",
  arithmetic: 2,
  facesHash: "a".repeat(64),
  steps: [
    { step: 20, loss: 1.5, gradientNorm: 2 },
    { step: 40, loss: 1.25, gradientNorm: 1 },
  ],
};
const withLoss = (loss: number): Curve["steps"] => [curve.steps[0]!, { ...curve.steps[1]!, loss }];

test("the same training begun anew agrees to the bit on the same processor", () => {
  expect(compareCurves(curve, curve)).toEqual([]);
  const [problem] = compareCurves(curve, { ...curve, steps: withLoss(1.25 + 2 ** -20) });
  expect(problem).toMatch(/step 40: loss 1.25000095\d*, recorded was 1.25/);
});

test.for([{ processor: "Apple M4" }, { arithmetic: 1 }])("with %o sums may round otherwise, and no more", (other) => {
  const elsewhere = { ...curve, ...other };
  expect(compareCurves(curve, { ...elsewhere, steps: withLoss(1.26) })).toEqual([]);
  expect(compareCurves(curve, { ...elsewhere, steps: withLoss(1.4) })).toHaveLength(1);
});

test("other data and too few steps are told", () => {
  expect(compareCurves(curve, { ...curve, facesHash: "b".repeat(64) })).toEqual([expect.stringContaining("other data")]);
  expect(compareCurves(curve, { ...curve, steps: curve.steps.slice(0, 1) })).toEqual(["step 40 was not reached"]);
});

test("a check of fewer steps than were recorded is refused, and not passed", () => {
  const words = ["scripts/recreate.ts", "--check", "mood-photographs", "--steps", "1"];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
  expect(stderr).toContain("--steps: the first step that was recorded is 20");
  expect(status).toBe(2);
}, 120_000);
